package import MCP

/// `bulkhead egress`: which addresses of the network are granted to whom, and what was reached.
package enum EgressReport {
    /// `all` false: the grants that hold.
    package static func list(at location: DaemonLocation, all: Bool, json: Bool) async -> Int32 {
        await CommandResult.report(at: location, json: json) { client in
            var answer = try await client.egress().objectValue ?? [:]
            let grants = answer["grants"]?.arrayValue ?? []
            answer["grants"] = .array(all ? grants : grants.filter { $0["in_force"]?.boolValue == true })
            return .object(answer)
        } lines: {
            lines($0, width: $1)
        }
    }

    package static func allow(at location: DaemonLocation, _ wish: EgressGrantWish, json: Bool) async -> Int32 {
        await CommandResult.report(at: location, json: json) { client in
            try await client.allowEgress(wish)
        } lines: { grant, _ in
            let denials = (grant["denied_by"]?.arrayValue ?? []).compactMap(\.stringValue)
            return [CommandResult.done("Granted: \(text(grant, "entry")) for \(whom(grant)) (\(text(grant, "id"))).")]
                + denials.map {
                    StyledLine("! ", .yellow) + StyledLine("Part of it stays denied by the policy: \($0).")
                }
        }
    }

    package static func deny(at location: DaemonLocation, _ what: String, reason: String, json: Bool) async -> Int32 {
        await CommandResult.report(at: location, json: json) { client in
            try await client.denyEgress(what, reason: reason)
        } lines: { answer, _ in
            let count = answer["ended"]?.arrayValue?.count ?? 0
            let still = (answer["still_allowed"]?.arrayValue ?? []).compactMap(\.stringValue)
            return [
                CommandResult.done(
                    "\(count == 1 ? "One grant" : "\(count) grants") ended; what was open through it is closed.")
            ]
                + still.map {
                    StyledLine("! ", .yellow)
                        + StyledLine("The policy file still allows it (\($0)): change that there.")
                }
        }
    }

    package static func lines(_ answer: JSONValue, width: Int?) -> [StyledLine] {
        let policy = answer["policy"]?.arrayValue ?? []
        let grants = answer["grants"]?.arrayValue ?? []
        guard !policy.isEmpty || !grants.isEmpty else {
            return [StyledLine("Nothing is granted: no sandbox reaches the network.", .dim)]
        }
        var lines: [StyledLine] = []
        if !policy.isEmpty {
            let columns = [
                TextTable.Column("policy file", minimum: 16), TextTable.Column("says", minimum: 6),
                TextTable.Column("addresses", minimum: 16), TextTable.Column("for", minimum: 10),
            ]
            lines += TextTable(
                columns: columns,
                rows: policy.map { entry in
                    [
                        StyledLine(text(entry, "rule")),
                        text(entry, "decision") == "deny" ? StyledLine("deny", .red) : StyledLine("allow", .green),
                        StyledLine(list(entry, "entries"), .bold).truncated(to: 80), StyledLine(circumstances(entry)),
                    ]
                }
            ).lines(width: width)
        }
        guard !grants.isEmpty else { return lines }
        let columns = [
            TextTable.Column("id", minimum: 26), TextTable.Column("addresses", minimum: 16),
            TextTable.Column("for", minimum: 10), TextTable.Column("given by", minimum: 8),
            TextTable.Column("until", minimum: 10), TextTable.Column("reason", minimum: 10),
            TextTable.Column("state", minimum: 8),
        ]
        let rows = grants.map { grant in
            [
                StyledLine(text(grant, "id")), StyledLine(text(grant, "entry"), .bold), StyledLine(whom(grant)),
                StyledLine(text(grant, "by")),
                StyledLine(grant["expires"]?.stringValue == nil ? "no end" : ReportText.time(grant["expires"])),
                StyledLine(text(grant, "reason")).truncated(to: 60),
                grant["end"]?.stringValue.map { StyledLine($0, .red) } ?? StyledLine("in force", .green),
            ]
        }
        return lines + (lines.isEmpty ? [] : [StyledLine("")])
            + TextTable(columns: columns, rows: rows).lines(width: width)
    }

    static func text(_ value: JSONValue, _ key: String) -> String { value[key]?.stringValue ?? "" }

    private static func list(_ value: JSONValue, _ key: String) -> String {
        (value[key]?.arrayValue ?? []).compactMap(\.stringValue).joined(separator: ", ")
    }

    private static func whom(_ grant: JSONValue) -> String {
        let name = text(grant, "for")
        return switch text(grant, "scope") {
        case "company": "everybody"
        case "channel": "channel \(name)"
        case "person": name
        default: "session \(name)"
        }
    }

    private static func circumstances(_ entry: JSONValue) -> String {
        let parts = [("roles", "role"), ("channels", "channel"), ("requesters", "person")].compactMap { key, word in
            entry[key] == nil ? nil : "\(word) \(list(entry, key))"
        }
        return parts.isEmpty ? "everybody" : parts.joined(separator: "; ")
    }
}
