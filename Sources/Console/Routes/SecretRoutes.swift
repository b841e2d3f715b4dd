internal import Conversations
internal import Hummingbird
internal import MCP
internal import Model

/// Secrets, and the vault they are in. No route gives out a value.
struct SecretRoutes: Sendable {
    let secrets: any SecretOperations
    let limits: ConsoleLimits

    func add(to api: RouterGroup<ConsoleContext>) {
        api.get("secrets", use: list)
        api.post("secrets", use: set)
        api.delete("secrets/{id}", use: remove)
        api.post("secrets/{id}/grants", use: grant)
        api.post("secrets/{id}/grants/revoke", use: revoke)
        api.get("vault", use: status)
        api.post("vault/rotate", use: rotate)
    }

    @Sendable func list(_ request: Request, context: ConsoleContext) async throws -> Response {
        let caller = try context.caller
        try caller.requireOwnName(to: "look at secrets")
        let list = try await secrets.secrets(for: caller.person.id)
        return .json(.object(["secrets": .array(list.map(JSONValue.object))]))
    }

    @Sendable func set(_ request: Request, context: ConsoleContext) async throws -> Response {
        let caller = try context.caller
        try caller.requireOwnName(to: "set a secret")
        let body = try await request.json(upTo: 512 << 10)
        let draft = SecretDraft(
            name: try body.text("name"), scope: try body.text("scope"),
            channel: body["channel"] == nil ? nil : try body.text("channel"), value: try body.text("value"),
            hosts: try body.texts("hosts"), places: try body.texts("places"))
        return .json(.object(try await secrets.setSecret(draft, by: caller.person.id)), status: .created)
    }

    @Sendable func remove(_ request: Request, context: ConsoleContext) async throws -> Response {
        let caller = try context.caller
        try caller.requireOwnName(to: "remove a secret")
        let id = try context.identifier(of: IdentifierKind.Secret.self)
        return .json(.object(try await secrets.removeSecret(id, by: caller.person.id)))
    }

    @Sendable func grant(_ request: Request, context: ConsoleContext) async throws -> Response {
        try await change(request, context, isGranted: true)
    }

    @Sendable func revoke(_ request: Request, context: ConsoleContext) async throws -> Response {
        try await change(request, context, isGranted: false)
    }

    @Sendable func status(_ request: Request, context: ConsoleContext) async throws -> Response {
        try context.caller.requireAdmin(to: "look at the vault")
        return .json(.object(try await secrets.vaultStatus()))
    }

    @Sendable func rotate(_ request: Request, context: ConsoleContext) async throws -> Response {
        let caller = try context.caller
        try caller.requireAdmin(to: "rotate the vault's key")
        try caller.requireOwnName(to: "rotate the vault's key")
        return .json(.object(try await secrets.rotateVault(by: caller.person.id)))
    }

    private func change(
        _ request: Request, _ context: ConsoleContext, isGranted: Bool
    ) async throws -> Response {
        let caller = try context.caller
        try caller.requireOwnName(to: "say who may use a secret")
        let id = try context.identifier(of: IdentifierKind.Secret.self)
        let body = try await request.json(upTo: limits.messageBytes)
        let person = body["person"] == nil ? nil : try body.text("person")
        let channel = body["channel"] == nil ? nil : try body.text("channel")
        guard (person == nil) != (channel == nil) else {
            throw ConsoleError(.badRequest, "A secret is granted to a person or to a channel: name one of them.")
        }
        return .json(
            .object(
                try await secrets.grantSecret(
                    id, isGranted, toPerson: person, toChannel: channel, by: caller.person.id)))
    }
}

extension JSONObject {
    /// Empty where the key is absent.
    fileprivate func texts(_ key: String) throws(ConsoleError) -> [String] {
        guard let value = self[key], value != .null else { return [] }
        guard let items = value.arrayValue, items.count <= 64 else {
            throw ConsoleError(.badRequest, "\(key) is not a list of texts, or has more than 64.")
        }
        var texts: [String] = []
        for item in items {
            guard let text = item.stringValue else { throw ConsoleError(.badRequest, "\(key) is not a list of texts.") }
            texts.append(text)
        }
        return texts
    }
}
