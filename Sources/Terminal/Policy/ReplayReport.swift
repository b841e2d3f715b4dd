package import MCP
internal import Policy

/// `bulkhead policy replay`: what another policy would have decided about the calls that were.
package enum ReplayReport {
    /// Exit status 0 also where decisions would change: that is an answer, not a failure.
    package static func run(at location: DaemonLocation, file: String, since: Int64?, json: Bool) async -> Int32 {
        await CommandResult.report(at: location, json: json) { client in
            try await client.replay(policy: try PolicyReport.checkedText(of: file), since: since)
        } lines: {
            lines($0, width: $1)
        }
    }

    package static func lines(_ answer: JSONValue, width: Int?) -> [StyledLine] {
        let calls = answer["calls"]?.intValue ?? 0
        let changed = answer["changed"]?.intValue ?? 0
        let changes = answer["changes"]?.arrayValue ?? []
        var lines = [StyledLine("Of \(calls) recorded calls, \(changed) would be decided otherwise.", .bold)]
        if let unknown = answer["unknown"]?.intValue, unknown > 0 {
            lines.append(StyledLine("\(unknown) more cannot be told: their details are not kept.", .dim))
        }
        guard !changes.isEmpty else { return lines }
        let columns = [
            TextTable.Column("seq", alignment: .trailing, minimum: 3), TextTable.Column("time", minimum: 19),
            TextTable.Column("asked by", minimum: 8), TextTable.Column("tool", minimum: 8),
            TextTable.Column("arguments", minimum: 16), TextTable.Column("was", minimum: 5),
            TextTable.Column("becomes", minimum: 5), TextTable.Column("by the rule", minimum: 8),
        ]
        lines += TextTable(columns: columns, rows: changes.map(cells)).lines(width: width)
        if Int64(changes.count) < changed { lines.append(StyledLine("The first \(changes.count) are shown.", .dim)) }
        return lines
    }

    private static func cells(_ change: JSONValue) -> [StyledLine] {
        let after = change["after"]?.stringValue ?? ""
        let line = change["line"]?.intValue.map { " (line \($0))" } ?? ""
        return [
            StyledLine(change["seq"]?.intValue.map { String($0) } ?? ""), StyledLine(ReportText.time(change["at"])),
            StyledLine(change["person"]?.stringValue ?? ""), StyledLine(change["tool"]?.stringValue ?? "", .bold),
            StyledLine(ToolLine.summary(change["arguments"] ?? .null, limit: 120)).truncated(to: 60),
            StyledLine(change["before"]?.stringValue ?? ""),
            StyledLine(after, after == "deny" ? .red : after == "ask" ? .yellow : .green),
            StyledLine((change["rule"]?.stringValue ?? "") + line, .dim),
        ]
    }
}
