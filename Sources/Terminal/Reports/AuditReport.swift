internal import Glibc
package import MCP

/// `bulkhead audit` and `bulkhead audit verify`.
package enum AuditReport {
    package static func list(at location: DaemonLocation, _ filter: AuditFilter, json: Bool) async -> Int32 {
        await CommandResult.report(at: location, json: json) { client in
            try await client.auditRows(filter)
        } lines: {
            lines($0, width: $1)
        }
    }

    /// `file`: checkpoints kept elsewhere (a copy of the witness, a log); the newest of them are taken.
    package static func verify(at location: DaemonLocation, from file: String?, json: Bool) async -> Int32 {
        await CommandResult.report(at: location, json: json, status: { $0["ok"]?.boolValue == true ? 0 : 1 }) {
            client in
            try await client.verifyAudit(against: file.map { try checkpointLines(of: $0) } ?? [])
        } lines: { answer, _ in
            verdict(answer)
        }
    }

    /// What was decided and how it ended stand in two rows of the audit; here they are one line, by the call they share.
    package static func lines(_ answer: JSONValue, width: Int?) -> [StyledLine] {
        let rows = (answer["rows"]?.arrayValue ?? []).sorted {
            ($0["seq"]?.intValue ?? 0) < ($1["seq"]?.intValue ?? 0)
        }
        guard !rows.isEmpty else { return [StyledLine("Nothing in the audit matches.", .dim)] }
        var outcomes: [String: JSONValue] = [:]
        var intents: Set<String> = []
        for row in rows {
            guard let call = row["call"]?.stringValue else { continue }
            switch row["kind"]?.stringValue {
            case "outcome": outcomes[call] = row
            case "intent": intents.insert(call)
            default: break
            }
        }
        let lines = rows.compactMap { row -> [StyledLine]? in
            let call = row["call"]?.stringValue ?? ""
            if row["kind"]?.stringValue == "outcome", intents.contains(call) { return nil }
            return cells(row, outcome: outcomes[call] ?? row)
        }
        let columns = [
            TextTable.Column("seq", alignment: .trailing, minimum: 3), TextTable.Column("time", minimum: 19),
            TextTable.Column("asked by", minimum: 8), TextTable.Column("tool", minimum: 8),
            TextTable.Column("arguments", minimum: 16), TextTable.Column("decision", minimum: 8),
            TextTable.Column("rule", minimum: 8), TextTable.Column("outcome", minimum: 6),
            TextTable.Column("duration", alignment: .trailing, minimum: 8),
        ]
        return TextTable(columns: columns, rows: lines).lines(width: width)
    }

    private static func cells(_ row: JSONValue, outcome: JSONValue) -> [StyledLine] {
        var person = StyledLine(row["person"]?.stringValue ?? "")
        // Who really sat at the keyboard.
        if let other = row["on_behalf_by"]?.stringValue { person.append(" (by \(other))", .yellow) }
        let decision = row["decision"]?.stringValue ?? ""
        let isTool = row["tool"]?.stringValue != nil
        let name = row["tool"]?.stringValue ?? row["event"]?.stringValue ?? row["kind"]?.stringValue ?? ""
        let ending = outcome["outcome"]?.stringValue ?? ""
        let duration = outcome["duration_ms"]?.doubleValue.map {
            String(Int64(max(0, min($0, 1e15)).rounded())) + " ms"
        }
        return [
            StyledLine(row["seq"]?.intValue.map { String($0) } ?? ""),
            StyledLine(ReportText.time(row["at"])),
            person,
            StyledLine(name, isTool ? .bold : .dim),
            StyledLine(ToolLine.summary(row["arguments"] ?? .null, limit: 120)).truncated(to: 60),
            StyledLine(decision, decision == "deny" ? .red : decision == "ask" ? .yellow : .green),
            StyledLine(row["rule"]?.stringValue ?? "", .dim),
            StyledLine(ending, ending == "done" || ending.isEmpty ? [] : .yellow),
            StyledLine(duration ?? ""),
        ]
    }

    private static func witnesses(_ answer: JSONValue) -> [StyledLine] {
        var lines: [StyledLine] = []
        if let pruned = answer["pruned_to"]?.intValue, pruned > 0 {
            lines.append(StyledLine("  Rows up to \(pruned) were pruned; the record of that is in the audit.", .dim))
        }
        if let given = answer["given_checkpoints"]?.intValue, given > 0 {
            lines.append(StyledLine("  It agrees with the \(given) checkpoints given.", .dim))
        }
        let witnessed = answer["witnessed_to"]?.intValue ?? 0
        lines.append(
            StyledLine(
                witnessed > 0
                    ? "  The broker has witnessed it up to row \(witnessed)."
                    : "  No witness outside the daemon's reach was found (audit.witness_file).",
                witnessed > 0 ? .dim : .yellow))
        return lines
    }

    package static func verdict(_ answer: JSONValue) -> [StyledLine] {
        let rows = answer["rows"]?.intValue ?? 0
        let place = answer["provable_to"]?.intValue ?? 0
        let time = ReportText.time(answer["provable_at"])
        if answer["ok"]?.boolValue == true {
            return [
                StyledLine("✓ ", .green) + StyledLine("The audit is whole: \(rows) rows, provable up to row \(place).")
            ] + witnesses(answer)
        }
        let until =
            place > 0
            ? "provable only up to row \(place)" + (time.isEmpty ? "" : " (\(time) UTC)") : "not provable at all"
        var lines = [StyledLine("✗ ", .red) + StyledLine("The audit is \(until), of \(rows) rows.")]
        if let problem = answer["problem"]?.stringValue { lines += StyledLine.lines(of: problem) }
        lines.append(
            StyledLine(
                "Rows were changed, deleted or put back from an older copy. Keep the data directory as it is and compare "
                    + "it with your backups.", .dim))
        return lines
    }
}
