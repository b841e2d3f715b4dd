package import MCP

/// `bulkhead egress log`: each connection, from the audit.
extension EgressReport {
    private static let page = 500
    /// Rows that are looked through for one host.
    private static let most = 50_000

    /// The newest `wanted.limit` rows; `host`: those to that host alone.
    package static func log(
        at location: DaemonLocation, _ wanted: AuditFilter, host: String?, json: Bool
    ) async -> Int32 {
        await CommandResult.report(at: location, json: json) { client in
            var filter = wanted
            filter.event = "egress.connection"
            guard let host else { return try await client.auditRows(filter) }
            filter.limit = page
            var found: [JSONValue] = []
            var seen = 0
            while found.count < wanted.limit, seen < most {
                let rows = try await client.auditRows(filter)["rows"]?.arrayValue ?? []
                found += rows.filter { $0["details"]?["host"]?.stringValue == host.lowercased() }
                seen += rows.count
                guard rows.count == page, let last = rows.last?["seq"]?.intValue else { break }
                filter.before = last
            }
            return ["rows": .array(Array(found.prefix(wanted.limit)))]
        } lines: {
            logLines($0, width: $1)
        }
    }

    package static func logLines(_ answer: JSONValue, width: Int?) -> [StyledLine] {
        let rows = answer["rows"]?.arrayValue ?? []
        guard !rows.isEmpty else { return [StyledLine("Nothing was reached or refused.", .dim)] }
        let columns = [
            TextTable.Column("row", minimum: 6), TextTable.Column("time", minimum: 19),
            TextTable.Column("for", minimum: 8), TextTable.Column("what", minimum: 16),
            TextTable.Column("decision", minimum: 8), TextTable.Column("up", minimum: 6),
            TextTable.Column("down", minimum: 6), TextTable.Column("ms", minimum: 4),
            TextTable.Column("by rule, or why not", minimum: 20),
        ]
        let table = rows.map { row -> [StyledLine] in
            let details = row["details"] ?? .null
            let place = details["host"]?.stringValue.map { "\($0):\(details["port"]?.intValue ?? 0)" }
            let isAllowed = text(row, "decision") == "allow"
            let why = isAllowed ? text(row, "rule") : text(row, "error")
            let end = details["end"]?.stringValue.map { "; \($0)" } ?? ""
            return [
                StyledLine("\(row["seq"]?.intValue ?? 0)"), StyledLine(ReportText.time(row["at"])),
                StyledLine(text(row, "person")),
                StyledLine(
                    (details["method"]?.stringValue ?? "") + " " + (place ?? details["asked"]?.stringValue ?? ""), .bold
                ).truncated(to: 60),
                isAllowed ? StyledLine("allow", .green) : StyledLine("deny", .red),
                StyledLine("\(details["up"]?.intValue ?? 0)"), StyledLine("\(details["down"]?.intValue ?? 0)"),
                StyledLine(row["duration_ms"]?.doubleValue.map { "\(Int($0.rounded()))" } ?? ""),
                StyledLine(why + end).truncated(to: 90),
            ]
        }
        return TextTable(columns: columns, rows: table).lines(width: width)
    }
}
