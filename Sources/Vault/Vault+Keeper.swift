internal import Audit
internal import MCP
package import Model
package import NetworkRules
internal import Store
package import ToolServers

extension Vault: SecretKeeper {
    package func find(_ name: String, for requester: PersonID, in channel: ChannelID) async throws -> Secret? {
        try await visible(name, for: requester, in: channel)?.record.secret()
    }

    package func demand(
        for names: [String], kind: SecretUse.Kind, context: ToolContext
    ) async throws -> ToolDemand? {
        guard names.count <= 16 else { throw VaultError(.invalid, "A call uses at most 16 secrets.") }
        var all: ToolDemand?
        for name in Set(names).sorted() {
            guard let secret = try await visible(name, for: context.requester, in: context.channel) else {
                throw VaultError.unknown(name)
            }
            let demand = secret.demand(kind, for: context.requester)
            all = all?.joined(with: demand) ?? demand
        }
        return all
    }

    package func value(of secret: Secret, for use: SecretUse, context: ToolContext) async throws -> SecretValue {
        // Everything as it is now, nothing of what was found before.
        guard
            let visible = try await visible(secret.name.rawValue, for: context.requester, in: context.channel),
            visible.record.id == secret.id
        else { throw VaultError.unknown(secret.name.rawValue) }
        let record = visible.record
        guard record.version == secret.version else {
            throw VaultError(.conflict, "The secret \(secret.name) was changed in this moment. Call again.")
        }
        let now = try record.secret()
        let needed = visible.demand(use.kind, for: context.requester)
        guard needed.word == nil || context.demand?.covers(needed) == true else {
            throw VaultError(.forbidden, "The secret \(now.name) needs a person's word, and nobody was asked for it.")
        }
        try Self.check(use, of: now)
        let value = try await value(of: record)
        if case .request(_, _, _, .header) = use, value.withBytes({ $0.contains { $0 < 0x20 || $0 == 0x7F } }) {
            throw VaultError(
                .forbidden,
                "The value of the secret \(now.name) has a line break or a control character, which no header takes.")
        }
        try await audit.event(
            use.kind == .reading ? "secret.read" : "secret.used",
            subject: AuditSubject(
                requester: context.requester, channel: context.channel, conversation: context.conversation,
                session: context.session, call: context.call),
            details: record.details(["use": .string(use.inWords)]))
        guard
            try await database.recordUse(
                of: record.id, version: record.version, for: context.requester, in: context.channel)
        else {
            throw VaultError(.conflict, "The secret \(now.name) was changed in this moment. Call again.")
        }
        if backends[record.backend]?.isLocal == false, await live.note(value, of: record.id) { try await refresh() }
        if use.kind == .reading { live.exempt(record.id, in: context.session) }
        return value
    }

    /// Those of `requester` there, for `secret_list`.
    func names(for requester: PersonID, in channel: ChannelID) async throws -> [VisibleSecret] {
        var seen: Set<String> = []
        // Of two of a name the first is what the name means.
        return try await database.visibleSecrets(to: requester, in: channel).filter {
            seen.insert($0.record.name).inserted
        }
    }

    /// Whether a secret that `requester` has there may go to `host`, whatever the port. One whose binding cannot be read
    /// is taken to.
    package func isAnySecretBound(
        to host: HostName, for requester: PersonID, in channel: ChannelID
    ) async throws -> Bool {
        try await names(for: requester, in: channel).contains { secret in
            guard let binding = try? SecretBinding(secret.record) else { return true }
            return binding.hosts.contains { $0.domain.matches(host) }
        }
    }

    private func visible(
        _ name: String, for requester: PersonID, in channel: ChannelID
    ) async throws -> VisibleSecret? {
        guard SecretName(name) != nil else { return nil }
        let found = try await database.visibleSecrets(to: requester, in: channel, named: name)
        guard let first = found.first else { return nil }
        guard found.count(where: { $0.rank == first.rank }) == 1 else {
            throw VaultError(
                .conflict, "Several people granted a secret named \(name) here. One of them has to take theirs back.")
        }
        return first
    }

    private static func check(_ use: SecretUse, of secret: Secret) throws {
        guard case .request(let authority, let method, let path, let place) = use else { return }
        guard !secret.binding.hosts.isEmpty else {
            throw VaultError(
                .forbidden, "The secret \(secret.name) is bound to no host, so it goes into no request.")
        }
        guard secret.binding.hosts.contains(where: { $0.matches(authority, method: method, path: path) }) else {
            let hosts = secret.binding.hosts.map(\.description).joined(separator: "; ")
            throw VaultError(
                .forbidden,
                "The secret \(secret.name) does not go to \(method) \(authority)\(path.prefix(200)). It is bound to: \(hosts)."
            )
        }
        guard secret.binding.effectivePlaces.contains(place) else {
            let places = secret.binding.effectivePlaces.map(\.description).sorted().joined(separator: ", ")
            throw VaultError(
                .forbidden, "The secret \(secret.name) may not stand in \(place), only in: \(places).")
        }
    }
}

extension VisibleSecret {
    /// Their own and what was granted takes the requester's word where the value leaves the harness, anything else an
    /// admin's each time.
    func demand(_ kind: SecretUse.Kind, for requester: PersonID) -> ToolDemand {
        let isOwn = record.person == requester || isGranted
        let what =
            switch kind {
            case .request: "sends the secret \(record.name) with a request"
            case .environment: "gives the secret \(record.name) to a command"
            case .reading: "reads the secret \(record.name) in the clear"
            }
        let rule = "use of secrets"
        let labels: Labels = kind == .reading ? .private : []
        guard isOwn else {
            let whose = record.scope == .channel ? "the channel's" : "the company's"
            return ToolDemand(rule: rule, word: .admin, reason: "it \(what), which is \(whose)", labels: labels)
        }
        return ToolDemand(rule: rule, word: kind == .request ? nil : .requester, reason: "it \(what)", labels: labels)
    }
}

extension SecretUse {
    /// For the audit; never a value.
    var inWords: String {
        switch self {
        case .request(let authority, let method, let path, let place):
            "\(place) of \(method) \(authority)\(path.cut(to: 500))"
        case .environment(let variable): "variable \(variable.cut(to: 100)) of a command"
        case .reading: "read"
        }
    }
}

extension SecretRecord {
    /// What the audit says of a secret.
    func details(_ more: JSONObject = [:]) -> JSONObject {
        var details = more
        details["secret"] = .string(id.rawValue)
        details["name"] = .string(name)
        details["scope"] = .string(scope.rawValue)
        details["version"] = .int(version)
        details["person"] = person.map { .string($0.rawValue) }
        return details
    }
}

extension VaultError {
    static func unknown(_ name: String) -> VaultError {
        VaultError(
            .notFound,
            "There is no secret named \(SecretName(name)?.rawValue ?? "that") here. secret_list names those there are.")
    }
}
