package import MCP

/// `bulkhead slack channels` and `bulkhead slack people`.
package enum SlackAdmissionReport {
    /// `kind`: `channel` or `person`.
    package static func list(at location: DaemonLocation, kind: String, json: Bool) async -> Int32 {
        await CommandResult.report(at: location, json: json) { client in
            let all = try await client.slackAdmissions()["admissions"]?.arrayValue ?? []
            return ["admissions": .array(all.filter { $0["kind"]?.stringValue == kind })]
        } lines: {
            lines($0, width: $1)
        }
    }

    package static func decide(
        at location: DaemonLocation, kind: String, _ id: String, allow: Bool, json: Bool
    ) async -> Int32 {
        await CommandResult.report(at: location, json: json) { client in
            try await client.decideSlackAdmission(kind, id, allow: allow)
        } lines: { answer, _ in
            let label = answer["label"]?.stringValue ?? id
            return [CommandResult.done("\(label) is \(allow ? "allowed" : "refused") now.")]
        }
    }

    package static func lines(_ answer: JSONValue, width: Int?) -> [StyledLine] {
        let list = answer["admissions"]?.arrayValue ?? []
        guard !list.isEmpty else { return [StyledLine("There is none.", .dim)] }
        let columns = [
            TextTable.Column("id", minimum: 11), TextTable.Column("name", minimum: 8),
            TextTable.Column("state", minimum: 11), TextTable.Column("by", minimum: 8),
            TextTable.Column("since", minimum: 19),
        ]
        let rows = list.map { entry in
            [
                StyledLine(entry["id"]?.stringValue ?? "", .bold), StyledLine(entry["label"]?.stringValue ?? ""),
                StyledLine(entry["state"]?.stringValue ?? ""), StyledLine(entry["by"]?.stringValue ?? ""),
                StyledLine(ReportText.time(entry["since"])),
            ]
        }
        return TextTable(columns: columns, rows: rows).lines(width: width)
    }
}
