internal import MCP

/// `bulkhead sessions`.
package enum SessionsReport {
    package static func run(at location: DaemonLocation, json: Bool) async -> Int32 {
        await CommandResult.report(at: location, json: json) { client in
            try await client.sessions()
        } lines: {
            lines($0, width: $1)
        }
    }

    static func lines(_ answer: JSONValue, width: Int?) -> [StyledLine] {
        let sessions = answer["sessions"]?.arrayValue ?? []
        guard !sessions.isEmpty else { return [StyledLine("No sessions yet.", .dim)] }
        let rows = sessions.map { session -> [StyledLine] in
            let state = session["state"]?.stringValue ?? ""
            let labels = ReportText.labels(session["labels"])
            return [
                StyledLine(session["id"]?.stringValue ?? ""),
                StyledLine(session["requester"]?.stringValue ?? ""),
                StyledLine(state, state == "live" ? .green : []),
                StyledLine(labels, .yellow),
                StyledLine(ReportText.time(session["started"])),
                StyledLine(ReportText.time(session["ended"])),
                StyledLine(session["end_reason"]?.stringValue ?? ""),
                StyledLine(session["conversation"]?.stringValue ?? "", .dim),
            ]
        }
        let titles = ["session", "asked by", "state", "labels", "started", "ended", "why", "thread"]
        return TextTable(columns: titles.map { TextTable.Column($0) }, rows: rows).lines(width: width)
    }
}
