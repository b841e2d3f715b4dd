package import MCP

/// `bulkhead feedback`.
package enum FeedbackReport {
    /// `since` in milliseconds since 1970.
    package static func list(at location: DaemonLocation, since: Int64?, json: Bool) async -> Int32 {
        await CommandResult.report(at: location, json: json) { client in
            try await client.feedback(since: since)
        } lines: {
            lines($0, width: $1)
        }
    }

    package static func lines(_ answer: JSONValue, width: Int?) -> [StyledLine] {
        let list = answer["feedback"]?.arrayValue ?? []
        guard !list.isEmpty else { return [StyledLine("Nobody has said anything of an answer.", .dim)] }
        let columns = [
            TextTable.Column("", minimum: 4), TextTable.Column("at", minimum: 19), TextTable.Column("by", minimum: 8),
            TextTable.Column("in", minimum: 8), TextTable.Column("conversation", minimum: 26),
            TextTable.Column("words", minimum: 8),
        ]
        let rows = list.map { entry in
            [
                StyledLine(entry["value"]?.stringValue ?? "", .bold), StyledLine(ReportText.time(entry["at"])),
                StyledLine(entry["person"]?.stringValue ?? ""), StyledLine(entry["channel"]?.stringValue ?? ""),
                StyledLine(entry["conversation"]?.stringValue ?? ""), StyledLine(entry["words"]?.stringValue ?? ""),
            ]
        }
        return TextTable(columns: columns, rows: rows).lines(width: width)
    }
}
