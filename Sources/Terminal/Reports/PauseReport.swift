package import MCP

/// `bulkhead pause` and `bulkhead resume`.
package enum PauseReport {
    /// `scope`: `all`, `person`, `channel` or `tool`; the last three with a name.
    package static func pause(
        at location: DaemonLocation, scope: String, name: String?, reason: String, json: Bool
    ) async -> Int32 {
        await CommandResult.report(at: location, json: json) { client in
            try await client.pause(scope, name: name, reason: reason)
            return ["paused": true]
        } lines: { _, _ in
            let option = name.map { "--\(scope) \($0)" } ?? "--\(scope)"
            let rest = scope == "tool" ? "Its calls are refused" : "Messages are kept"
            return [
                CommandResult.done("Paused: \(inWords(scope, name)). \(rest) until `bulkhead resume \(option)`.")
            ]
        }
    }

    package static func resume(at location: DaemonLocation, scope: String, name: String?, json: Bool) async -> Int32 {
        await CommandResult.report(at: location, json: json) { client in
            try await client.resume(scope, name: name)
            return ["paused": false]
        } lines: { _, _ in
            [CommandResult.done("Resumed: \(inWords(scope, name)).")]
        }
    }

    package static func list(at location: DaemonLocation, json: Bool) async -> Int32 {
        await CommandResult.report(at: location, json: json) { client in
            try await client.pauses()
        } lines: {
            lines($0, width: $1)
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
}
