internal import Glibc
package import MCP

/// `bulkhead people`.
package enum PeopleReport {
    package static func list(at location: DaemonLocation, json: Bool) async -> Int32 {
        await run(at: location, json: json) { client in
            try await client.people()
        } show: { answer in
            lines(answer, width: TerminalDevice.width(of: STDOUT_FILENO))
        }
    }

    package static func show(at location: DaemonLocation, _ name: String, json: Bool) async -> Int32 {
        await run(at: location, json: json) { client in
            let people = try await client.people()["people"]?.arrayValue ?? []
            // Names differ in more than case.
            let found = people.first {
                $0["id"]?.stringValue == name || $0["name"]?.stringValue?.lowercased() == name.lowercased()
            }
            guard let found else {
                throw TerminalError(.notFound, "There is nobody called \(name.prefix(64)), or it is not yours to see.")
            }
            return found
        } show: {
            details($0)
        }
    }

    package static func link(at location: DaemonLocation, code: String?, json: Bool) async -> Int32 {
        await run(at: location, json: json) { client in
            if let code { try await client.redeemLinkCode(code) } else { try await client.makeLinkCode() }
        } show: { answer in
            if let person = answer["person"]?.stringValue {
                return [done("This account is \(person)'s from now on.")]
            }
            return [
                StyledLine(answer["code"]?.stringValue ?? "", .bold),
                StyledLine("From your other account, within 10 minutes and once: bulkhead people link CODE", .dim),
                StyledLine("Whoever runs it acts as you. Give it to nobody.", .dim),
            ]
        }
    }

    package static func unlink(at location: DaemonLocation, _ account: String, json: Bool) async -> Int32 {
        await run(at: location, json: json) { client in
            try await client.unlink(account)
        } show: { answer in
            [done("\(answer["label"]?.stringValue ?? account) is unlinked; its person is signed out everywhere.")]
        }
    }

    package static func setActive(
        at location: DaemonLocation, _ isActive: Bool, _ name: String, json: Bool
    ) async -> Int32 {
        await run(at: location, json: json) { client in
            try await client.setActive(isActive, name)
        } show: { answer in
            let name = answer["name"]?.stringValue ?? name
            if !isActive { return [done("\(name) is out: signed out, and what ran for them has ended.")] }
            guard let role = answer["role"]?.stringValue else {
                return [StyledLine("\(name) is activated, but the settings do not let them in (people).", .yellow)]
            }
            return [done("\(name) may come in again, as \(role).")]
        }
    }

    package static func setDeputy(
        at location: DaemonLocation, _ deputy: String?, of name: String, until: Int64?, json: Bool
    ) async -> Int32 {
        await run(at: location, json: json) { client in
            try await client.setDeputy(deputy, of: name, until: until)
        } show: { answer in
            let name = answer["name"]?.stringValue ?? name
            guard let deputy = answer["deputy"]?.stringValue else { return [done("\(name) has no deputy.")] }
            return [done("\(deputy) may answer approvals in the place of \(name).")]
        }
    }

    package static func lines(_ answer: JSONValue, width: Int?) -> [StyledLine] {
        let columns = [
            TextTable.Column("name", minimum: 8), TextTable.Column("role", minimum: 6),
            TextTable.Column("accounts", minimum: 10), TextTable.Column("deputy", minimum: 8),
        ]
        let rows = (answer["people"]?.arrayValue ?? []).map { person in
            [
                StyledLine(person["name"]?.stringValue ?? "", .bold), standing(person),
                StyledLine(accounts(person).map(\.name).joined(separator: ", ")), StyledLine(deputy(person)),
            ]
        }
        return TextTable(columns: columns, rows: rows).lines(width: width)
    }

    package static func details(_ person: JSONValue) -> [StyledLine] {
        var rows: [(String, StyledLine)] = [("role", standing(person))]
        if person["deactivated"]?.stringValue != nil {
            rows.append(
                (
                    "since",
                    StyledLine(
                        "\(ReportText.time(person["deactivated"])), by \(person["deactivated_by"]?.stringValue ?? "")")
                ))
        }
        for account in accounts(person) { rows.append(("account", StyledLine("\(account.name)  \(account.proof)"))) }
        for address in person["addresses"]?.arrayValue ?? [] {
            rows.append(("address", StyledLine((address.stringValue ?? "") + "  (people.addresses)")))
        }
        rows.append(("deputy", StyledLine(deputy(person).isEmpty ? "nobody" : deputy(person))))
        let others = (person["deputy_for"]?.arrayValue ?? []).compactMap(\.stringValue)
        if !others.isEmpty { rows.append(("stands for", StyledLine(others.joined(separator: ", ")))) }
        return [StyledLine(person["name"]?.stringValue ?? "", .bold)]
            + rows.map { StyledLine("  " + $0.0, .dim).padded(to: 14) + $0.1 }
    }

    private static func standing(_ person: JSONValue) -> StyledLine {
        if person["deactivated"]?.stringValue != nil { return StyledLine("deactivated", .red) }
        guard let role = person["role"]?.stringValue else { return StyledLine("not let in", .dim) }
        return StyledLine(role)
    }

    private static func accounts(_ person: JSONValue) -> [(name: String, proof: String)] {
        (person["accounts"]?.arrayValue ?? []).map { account in
            let name = "\(account["surface"]?.stringValue ?? ""):\(account["label"]?.stringValue ?? "")"
            let proof =
                switch account["verified"]?.stringValue {
                case "code": "linked by code, \(ReportText.time(account["since"]))"
                case "address": "known by its address, \(ReportText.time(account["since"]))"
                case "workspace": "a full member of the workspace, \(ReportText.time(account["since"]))"
                default: "their own"
                }
            return (name, "(\(proof))")
        }
    }

    private static func deputy(_ person: JSONValue) -> String {
        guard let deputy = person["deputy"]?.stringValue else { return "" }
        return person["deputy_until"]?.stringValue == nil
            ? deputy : "\(deputy) until \(ReportText.time(person["deputy_until"]))"
    }

    private static func done(_ text: String) -> StyledLine { StyledLine("✓ ", .green) + StyledLine(text) }

    private static func run(
        at location: DaemonLocation, json: Bool, _ ask: @Sendable (APIClient) async throws -> JSONValue,
        show: (JSONValue) -> [StyledLine]
    ) async -> Int32 {
        await CommandResult.status(json: json) {
            let answer = try await APIClient.with(socketPath: location.consoleSocket) { try await ask($0) }
            if json {
                CommandResult.printJSON(answer)
            } else {
                TerminalDevice.print(show(answer), to: STDOUT_FILENO)
            }
            return 0
        }
    }
}
