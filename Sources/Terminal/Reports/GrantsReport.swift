package import MCP
internal import Model

/// `bulkhead grants`: what people allowed beyond one call, and taking it back.
package enum GrantsReport {
    /// `all` false: those that hold.
    package static func list(at location: DaemonLocation, all: Bool, json: Bool) async -> Int32 {
        await CommandResult.report(at: location, json: json) { client in
            let grants = try await client.grants()["grants"]?.arrayValue ?? []
            return ["grants": .array(all ? grants : grants.filter { $0["in_force"]?.boolValue == true })]
        } lines: {
            lines($0, width: $1)
        }
    }

    package static func show(at location: DaemonLocation, _ id: String, json: Bool) async -> Int32 {
        await CommandResult.report(at: location, json: json, pretty: true) { client in
            let grants = try await client.grants()["grants"]?.arrayValue ?? []
            guard let grant = grants.first(where: { $0["id"]?.stringValue == id }) else {
                throw TerminalError(.notFound, "There is no grant \(id), or it is not yours to see.")
            }
            return grant
        } lines: { grant, _ in
            details(grant)
        }
    }

    package static func revoke(at location: DaemonLocation, _ id: String, json: Bool) async -> Int32 {
        await CommandResult.report(at: location, json: json) { client in
            try await client.revokeGrant(id)
            return ["revoked": .string(id)]
        } lines: { _, _ in
            [CommandResult.done("Revoked. From now on it is asked again.")]
        }
    }

    package static func lines(_ answer: JSONValue, width: Int?) -> [StyledLine] {
        let grants = answer["grants"]?.arrayValue ?? []
        guard !grants.isEmpty else {
            return [StyledLine("Nothing is granted: every question is asked. --all lists what was.", .dim)]
        }
        let columns = [
            TextTable.Column("id", minimum: 26), TextTable.Column("for", minimum: 8),
            TextTable.Column("tool", minimum: 8), TextTable.Column("with", minimum: 12),
            TextTable.Column("where", minimum: 12), TextTable.Column("given by", minimum: 8),
            TextTable.Column("until", minimum: 19), TextTable.Column("state", minimum: 8),
        ]
        let rows = grants.map { grant in
            [
                StyledLine(text(grant, "id")), StyledLine(text(grant, "requester")),
                StyledLine(text(grant, "tool"), .bold), StyledLine(arguments(grant)).truncated(to: 60),
                StyledLine(place(grant)), StyledLine(text(grant, "giver")),
                StyledLine(ReportText.time(grant["expires"])), state(grant),
            ]
        }
        return TextTable(columns: columns, rows: rows).lines(width: width)
    }

    package static func details(_ grant: JSONValue) -> [StyledLine] {
        func field(_ name: String, _ value: String) -> StyledLine {
            StyledLine("  " + name, .dim).padded(to: 16) + StyledLine(value)
        }
        var lines = [
            StyledLine(text(grant, "tool"), .bold) + StyledLine(" for \(text(grant, "requester"))"),
            field("where", place(grant)), field("conversation", text(grant, "conversation")),
            field("rule", text(grant, "rule")), field("given by", text(grant, "giver")),
            field("given", ReportText.time(grant["given"]) + " UTC"),
            field("until", ReportText.time(grant["expires"]) + " UTC"),
            StyledLine("  state", .dim).padded(to: 16) + state(grant),
        ]
        if let exact = grant["arguments"], !exact.isNull {
            lines.append(StyledLine("  with exactly", .dim))
            let text = CommandResult.harmless(exact.prettyText)
            lines += StyledLine.lines(of: text).map { StyledLine("    ") + $0 }
        } else {
            lines.append(field("with", "whatever the same rule asks about"))
        }
        if grant["in_force"]?.boolValue == true {
            lines.append(StyledLine("Take it back with: bulkhead grants revoke \(text(grant, "id"))", .dim))
        }
        return lines
    }

    private static func text(_ grant: JSONValue, _ key: String) -> String { grant[key]?.stringValue ?? "" }

    private static func arguments(_ grant: JSONValue) -> String {
        guard let exact = grant["arguments"], !exact.isNull else { return "anything" }
        return ToolLine.summary(exact, limit: 120)
    }

    private static func place(_ grant: JSONValue) -> String {
        let channel = text(grant, "channel")
        return text(grant, "scope") == GrantScope.channel.rawValue ? "all of \(channel)" : "one thread in \(channel)"
    }

    private static func state(_ grant: JSONValue) -> StyledLine {
        grant["end"]?.stringValue.map { StyledLine($0, .red) } ?? StyledLine("in force", .green)
    }
}
