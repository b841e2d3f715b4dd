internal import Glibc
internal import MCP

/// `bulkhead undo`.
package enum UndoReport {
    package static func undo(at location: DaemonLocation, _ call: String, force: Bool, json: Bool) async -> Int32 {
        await CommandResult.status(json: json) {
            try await APIClient.with(socketPath: location.consoleSocket) { client in
                let answer = try await client.undo(call, force: force)
                if json {
                    CommandResult.printJSON(answer)
                } else {
                    let text = StyledLine("✓ ", .green) + StyledLine(answer["text"]?.stringValue ?? "Undone.")
                    let again = "To do it again: bulkhead undo \(answer["call"]?.stringValue ?? "")"
                    TerminalDevice.print([text, StyledLine(again, .dim)], to: STDOUT_FILENO)
                }
                return 0
            }
        }
    }
}
