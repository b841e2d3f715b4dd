package import MCP
package import Model

/// `bulkhead approvals`: what waits for somebody's word, and giving it.
package enum ApprovalsReport {
    package static func list(at location: DaemonLocation, json: Bool) async -> Int32 {
        await CommandResult.report(at: location, json: json) { client in
            try await client.approvals()
        } lines: {
            lines($0, width: $1)
        }
    }

    package static func show(at location: DaemonLocation, _ id: String, json: Bool) async -> Int32 {
        await CommandResult.report(at: location, json: json, pretty: true) { client in
            let open = try await client.approvals()["approvals"]?.arrayValue ?? []
            guard let approval = open.first(where: { $0["id"]?.stringValue == id }) else {
                throw TerminalError(
                    .notFound, "There is no open approval \(id): it was answered, has expired, or is not yours to see.")
            }
            return approval
        } lines: { approval, _ in
            details(approval)
        }
    }

    package static func answer(
        at location: DaemonLocation, _ id: String, allow: Bool, scope: GrantScope? = nil, reason: String? = nil,
        json: Bool
    ) async -> Int32 {
        await CommandResult.report(at: location, json: json) { client in
            try await client.answer(id, allow: allow, scope: scope, reason: reason)
            return allow ? ["decision": "allow", "scope": .string(scope?.rawValue ?? "once")] : ["decision": "deny"]
        } lines: { _, _ in
            let reach = scope.map { "\($0.inWords). `bulkhead grants` lists it and takes it back" } ?? "this once"
            return [CommandResult.done(allow ? "Allowed, \(reach)." : "Denied.")]
        }
    }

    package static func lines(_ answer: JSONValue, width: Int?) -> [StyledLine] {
        let open = answer["approvals"]?.arrayValue ?? []
        guard !open.isEmpty else { return [StyledLine("Nothing waits for an answer.", .dim)] }
        let columns = [
            TextTable.Column("id", minimum: 26), TextTable.Column("asked for", minimum: 8),
            TextTable.Column("tool", minimum: 8), TextTable.Column("arguments", minimum: 16),
            TextTable.Column("because", minimum: 8), TextTable.Column("until", minimum: 19),
            TextTable.Column("yours", minimum: 5),
        ]
        let rows = open.map { approval in
            [
                StyledLine(approval["id"]?.stringValue ?? ""), StyledLine(approval["requester"]?.stringValue ?? ""),
                StyledLine(approval["tool"]?.stringValue ?? "", .bold),
                StyledLine(ToolLine.summary(approval["arguments"] ?? .null, limit: 120)).truncated(to: 60),
                StyledLine(approval["reason"]?.stringValue ?? ""), StyledLine(ReportText.time(approval["expires"])),
                approval["yours"]?.boolValue == true ? StyledLine("yes", .green) : StyledLine("no", .dim),
            ]
        }
        return TextTable(columns: columns, rows: rows).lines(width: width)
    }

    /// The arguments whole, as they would run: what is not shown cannot be agreed to.
    package static func details(_ approval: JSONValue) -> [StyledLine] {
        func field(_ name: String, _ key: String) -> StyledLine {
            StyledLine("  " + name, .dim).padded(to: 16) + StyledLine(approval[key]?.stringValue ?? "")
        }
        let isYours = approval["yours"]?.boolValue == true
        var lines = [
            StyledLine(approval["tool"]?.stringValue ?? "", .bold)
                + StyledLine(" for \(approval["requester"]?.stringValue ?? "")"),
            field("effect", "effect"), field("because", "reason"), field("rule", "rule"),
            field("decided by", "approvers"),
            StyledLine("  until", .dim).padded(to: 16) + StyledLine(ReportText.time(approval["expires"]) + " UTC"),
        ]
        let labels = (approval["labels"]?.arrayValue ?? []).compactMap(\.stringValue).joined(separator: ", ")
        if !labels.isEmpty {
            lines.append(StyledLine("  labels", .dim).padded(to: 16) + StyledLine(labels, .yellow))
        }
        lines.append(StyledLine("  arguments", .dim))
        let text = CommandResult.harmless((approval["arguments"] ?? .null).prettyText)
        lines += StyledLine.lines(of: text).map { StyledLine("    ") + $0 }
        if let details = approval["details"]?.stringValue {
            lines.append(StyledLine("  works on", .dim))
            lines += StyledLine.lines(of: CommandResult.harmless(details)).map { StyledLine("    ") + $0 }
        }
        guard isYours else { return lines + [StyledLine("This is not yours to decide.", .dim)] }
        let id = approval["id"]?.stringValue ?? ""
        lines.append(
            StyledLine("Answer with: bulkhead approvals approve \(id), or deny \(id) --reason TEXT", .dim))
        let scopes = (approval["scopes"]?.arrayValue ?? []).compactMap(\.stringValue).filter { $0 != "once" }
        if !scopes.isEmpty {
            let exactly = approval["exact"]?.boolValue == true ? " these very arguments" : ""
            lines.append(
                StyledLine("Allow\(exactly) for longer with: --for \(scopes.joined(separator: ", --for "))", .dim))
        }
        return lines
    }
}
