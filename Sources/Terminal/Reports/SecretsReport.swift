package import MCP

/// `bulkhead secret`: what the vault holds, without the values.
package enum SecretsReport {
    /// Which secrets a command is about.
    package struct Scope: Sendable {
        /// `person`, `channel` or `company`.
        let word: String
        let channel: String?

        package static let own = Scope(word: "person", channel: nil)
        package static let company = Scope(word: "company", channel: nil)
        package static func channel(_ name: String) -> Scope { Scope(word: "channel", channel: name) }
    }

    package static func list(at location: DaemonLocation, json: Bool) async -> Int32 {
        await CommandResult.report(at: location, json: json) { client in
            try await client.secrets()
        } lines: {
            lines($0, width: $1)
        }
    }

    /// Reads the value from standard input or asks for it.
    package static func set(
        at location: DaemonLocation, _ name: String, _ scope: Scope, hosts: [String], places: [String], json: Bool
    ) async -> Int32 {
        await CommandResult.status(json: json) {
            let value = try HiddenInput.value(named: name)
            guard !value.isEmpty else {
                throw TerminalError(.usage, "There was no value. Nothing was stored.")
            }
            return await CommandResult.report(at: location, json: json) { client in
                var body: JSONObject = [
                    "name": .string(name), "scope": .string(scope.word), "value": .string(value),
                    "hosts": .array(hosts.map { .string($0) }), "places": .array(places.map { .string($0) }),
                ]
                body["channel"] = scope.channel.map { .string($0) }
                return try await client.setSecret(body)
            } lines: { answer, _ in
                stored(answer)
            }
        }
    }

    package static func remove(at location: DaemonLocation, _ name: String, _ scope: Scope, json: Bool) async -> Int32 {
        await CommandResult.report(at: location, json: json) { client in
            let id = try await find(name, scope, client)
            var answer: JSONObject = ["removed": .string(id)]
            answer["left"] = try await client.removeSecret(id)["left"]
            return .object(answer)
        } lines: { answer, _ in
            [CommandResult.done("\(name) is removed. Change it where it is valid, if it may have been seen.")]
                + left(answer)
        }
    }

    package static func grant(
        at location: DaemonLocation, _ isGranted: Bool, _ name: String, _ scope: Scope, person: String?,
        channel: String?, json: Bool
    ) async -> Int32 {
        await CommandResult.report(at: location, json: json) { client in
            var body: JSONObject = [:]
            body["person"] = person.map { .string($0) }
            body["channel"] = channel.map { .string($0) }
            return try await client.grantSecret(try await find(name, scope, client), isGranted, body)
        } lines: { answer, _ in
            let who = person ?? "#" + (channel ?? "")
            guard answer["changed"] == true else { return [StyledLine("That was so before.", .dim)] }
            return [
                CommandResult.done(
                    isGranted ? "\(name) may be used for \(who)." : "\(name) is not granted to \(who) any more.")
            ]
        }
    }

    package static func lines(_ answer: JSONValue, width: Int?) -> [StyledLine] {
        let secrets = answer["secrets"]?.arrayValue ?? []
        guard !secrets.isEmpty else {
            return [
                StyledLine("There are no secrets you could use or change. bulkhead secret set NAME stores one.", .dim)
            ]
        }
        let columns = [
            TextTable.Column("name", minimum: 12), TextTable.Column("whose", minimum: 10),
            TextTable.Column("goes to", minimum: 20), TextTable.Column("in", minimum: 12),
            TextTable.Column("granted to", minimum: 8), TextTable.Column("last used", minimum: 19),
            TextTable.Column("uses", minimum: 4),
        ]
        let rows = secrets.map { secret in
            [
                StyledLine(text(secret, "name"), .bold), StyledLine(whose(secret)),
                StyledLine(list(secret, "hosts", "nowhere")), StyledLine(list(secret, "places", "")),
                StyledLine(list(secret, "granted_to", "")), StyledLine(ReportText.time(secret["last_used"])),
                StyledLine(String(secret["uses"]?.intValue ?? 0)),
            ]
        }
        return TextTable(columns: columns, rows: rows).lines(width: width)
    }

    private static func stored(_ answer: JSONValue) -> [StyledLine] {
        var lines = [
            CommandResult.done(
                "\(text(answer, "name")) is stored (\(whose(answer)), version \(answer["version"]?.intValue ?? 0)).")
        ]
        let hosts = list(answer, "hosts", "")
        lines.append(
            StyledLine(
                hosts.isEmpty
                    ? "It is bound to no host, so no request can carry it: --host says where it may go."
                    : "It may go to \(hosts), in \(list(answer, "places", "")).", .dim))
        if answer["short"] == true {
            lines.append(StyledLine("It is so short that the leak scan does not look for it.", .red))
        }
        return lines + left(answer)
    }

    /// What is for people to do where a value stays where it was kept.
    private static func left(_ answer: JSONValue) -> [StyledLine] {
        answer["left"]?.stringValue.map { [StyledLine($0, .red)] } ?? []
    }

    /// Of those the caller may change: by name and whose it is.
    private static func find(_ name: String, _ scope: Scope, _ client: APIClient) async throws -> String {
        let secrets = try await client.secrets()["secrets"]?.arrayValue ?? []
        var channel = scope.channel
        if let wanted = channel {
            channel = try? ChatDestination.find(channel: wanted, thread: nil, in: try await client.channels()).channel
                .name
            channel = channel ?? wanted
        }
        let found = secrets.filter { secret in
            secret["name"]?.stringValue == name && secret["scope"]?.stringValue == scope.word
                && (scope.word != "channel" || secret["of"]?.stringValue == channel)
                && (scope.word != "person" || secret["yours"] == true)
        }
        guard found.count == 1, let id = found[0]["id"]?.stringValue else {
            throw TerminalError(
                .notFound,
                "There is no secret \(name) of \(scope.word == "person" ? "yours" : "that scope"). Others: --company, "
                    + "--of-channel NAME; bulkhead secret list shows them.")
        }
        return id
    }

    private static func whose(_ secret: JSONValue) -> String {
        switch text(secret, "scope") {
        case "company": "company"
        case "channel": "#" + text(secret, "of")
        default: secret["yours"] == true ? "you" : text(secret, "of")
        }
    }

    private static func text(_ secret: JSONValue, _ key: String) -> String { secret[key]?.stringValue ?? "" }

    private static func list(_ secret: JSONValue, _ key: String, _ none: String) -> String {
        let items = (secret[key]?.arrayValue ?? []).compactMap(\.stringValue)
        return items.isEmpty ? none : items.joined(separator: "; ")
    }
}
