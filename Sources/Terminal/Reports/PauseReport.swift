internal import Glibc
package import MCP

/// `bulkhead pause` and `bulkhead resume`.
package enum PauseReport {
    /// `scope`: `all`, `person`, `channel` or `tool`; the last three with a name.
    package static func pause(
        at location: DaemonLocation, scope: String, name: String?, reason: String, json: Bool
    ) async -> Int32 {
        await CommandResult.status(json: json) {
            try await APIClient.with(socketPath: location.consoleSocket) { client in
                try await client.pause(scope, name: name, reason: reason)
                let option = name.map { "--\(scope) \($0)" } ?? "--\(scope)"
                let rest = scope == "tool" ? "Its calls are refused" : "Messages are kept"
                say("Paused: \(inWords(scope, name)). \(rest) until `bulkhead resume \(option)`.", json: json, true)
                return 0
            }
        }
    }

    package static func resume(at location: DaemonLocation, scope: String, name: String?, json: Bool) async -> Int32 {
        await CommandResult.status(json: json) {
            try await APIClient.with(socketPath: location.consoleSocket) { client in
                try await client.resume(scope, name: name)
                say("Resumed: \(inWords(scope, name)).", json: json, false)
                return 0
            }
        }
    }

    package static func list(at location: DaemonLocation, json: Bool) async -> Int32 {
        await CommandResult.status(json: json) {
            try await APIClient.with(socketPath: location.consoleSocket) { client in
                let answer = try await client.pauses()
                if json {
                    CommandResult.printJSON(answer)
                } else {
                    TerminalDevice.print(
                        lines(answer, width: TerminalDevice.width(of: STDOUT_FILENO)), to: STDOUT_FILENO)
                }
                return 0
            }
        }
    }

    package static func lines(_ answer: JSONValue, width: Int?) -> [StyledLine] {
        let pauses = answer["pauses"]?.arrayValue ?? []
        guard !pauses.isEmpty else { return [StyledLine("Nothing is paused.", .dim)] }
        let columns = [
            TextTable.Column("paused", minimum: 8), TextTable.Column("since", minimum: 19),
            TextTable.Column("by", minimum: 8), TextTable.Column("reason", minimum: 8),
        ]
        let rows = pauses.map { pause in
            [
                StyledLine(inWords(pause["scope"]?.stringValue ?? "", pause["name"]?.stringValue), .bold),
                StyledLine(ReportText.time(pause["since"])), StyledLine(pause["by"]?.stringValue ?? ""),
                StyledLine(pause["reason"]?.stringValue ?? ""),
            ]
        }
        return TextTable(columns: columns, rows: rows).lines(width: width)
    }

    static func inWords(_ scope: String, _ name: String?) -> String {
        guard let name, !name.isEmpty else { return scope == "all" ? "everything" : scope }
        return "\(scope) \(name)"
    }

    private static func say(_ text: String, json: Bool, _ paused: Bool) {
        if json {
            CommandResult.printJSON(["paused": .bool(paused)])
        } else {
            TerminalDevice.print([StyledLine("✓ ", .green) + StyledLine(text)], to: STDOUT_FILENO)
        }
    }
}
