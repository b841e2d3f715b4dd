internal import Glibc
internal import MCP

/// `bulkhead hooks`.
package enum HookReport {
    package static func list(at location: DaemonLocation, json: Bool) async -> Int32 {
        await CommandResult.status(json: json) {
            try await APIClient.with(socketPath: location.consoleSocket) { client in
                let answer = try await client.hooks()
                guard !json else {
                    CommandResult.printJSON(answer)
                    return 0
                }
                let hooks = answer["hooks"]?.arrayValue ?? []
                guard !hooks.isEmpty else {
                    TerminalDevice.print([StyledLine("No hooks are configured.", .dim)], to: STDOUT_FILENO)
                    return 0
                }
                let columns = [
                    TextTable.Column("event", minimum: 8), TextTable.Column("hook", minimum: 8),
                    TextTable.Column("where it fails", minimum: 8),
                ]
                let rows = hooks.map { hook in
                    [
                        StyledLine(hook["event"]?.stringValue ?? ""),
                        StyledLine(hook["name"]?.stringValue ?? "", .bold),
                        StyledLine(hook["denies_on_failure"]?.boolValue == true ? "denied" : "recorded"),
                    ]
                }
                TerminalDevice.print(
                    TextTable(columns: columns, rows: rows).lines(width: TerminalDevice.width(of: STDOUT_FILENO)),
                    to: STDOUT_FILENO)
                return 0
            }
        }
    }

    /// With the event on standard input; prints what the hook said, as JSON. 1 where it gave no answer that counts.
    package static func test(at location: DaemonLocation, _ name: String) async -> Int32 {
        await CommandResult.status {
            let text = try StandardInput.all()
            guard let event = (try? JSONValue(parsing: Array(text.utf8)))?.objectValue else {
                throw TerminalError(.usage, "Standard input has to be one JSON object: the event (docs/hooks.md).")
            }
            return try await APIClient.with(socketPath: location.consoleSocket) { client in
                let answer = try await client.testHook(name, event: event)
                CommandResult.printJSON(answer, pretty: true)
                return answer["decision"]?.stringValue == "failed" ? 1 : 0
            }
        }
    }
}
