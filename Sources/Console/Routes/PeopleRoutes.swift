internal import Conversations
internal import Hummingbird
internal import MCP
internal import Model
internal import UnixPeers

/// Who comes in, by which accounts, and who answers for whom.
struct PeopleRoutes: Sendable {
    let people: any PeopleOperations
    let limits: ConsoleLimits

    func add(to api: RouterGroup<ConsoleContext>) {
        api.get("people", use: list)
        api.post("people/deactivate", use: deactivate)
        api.post("people/activate", use: activate)
        api.post("people/deputy", use: deputy)
        api.post("people/unlink", use: unlink)
    }

    /// What takes an account the kernel vouches for: a cookie that was stolen must not become an account that stays.
    func addLinking(to api: RouterGroup<ConsoleContext>) {
        api.post("people/link-codes", use: makeCode)
    }

    /// For whoever is at the socket, before anybody asks who that is here: nobody, as a rule.
    func addRedeeming(to router: Router<ConsoleContext>) {
        router.post("api/people/link") { request, context -> Response in
            let user = try await UnixPeer.user(of: context.channel)
            let code = try await request.json(upTo: 1024).text("code")
            return .json(.object(try await people.redeemLinkCode(code, user: user)))
        }
    }

    @Sendable func list(_ request: Request, context: ConsoleContext) async throws -> Response {
        let people = try await people.people(for: context.caller.person.id)
        return .json(.object(["people": .array(people.map(JSONValue.object))]))
    }

    @Sendable func deactivate(_ request: Request, context: ConsoleContext) async throws -> Response {
        let (caller, body) = try await read(request, context, "deactivate people")
        try caller.requireAdmin(to: "deactivate people")
        return .json(.object(try await people.deactivate(try body.text("name"), by: caller.person.id)))
    }

    @Sendable func activate(_ request: Request, context: ConsoleContext) async throws -> Response {
        let (caller, body) = try await read(request, context, "activate people")
        try caller.requireAdmin(to: "activate people")
        return .json(.object(try await people.activate(try body.text("name"), by: caller.person.id)))
    }

    @Sendable func deputy(_ request: Request, context: ConsoleContext) async throws -> Response {
        let (caller, body) = try await read(request, context, "name a deputy")
        var until: Timestamp?
        if let value = body["until"] {
            guard let milliseconds = value.intValue else {
                throw ConsoleError(.badRequest, "until is a time in milliseconds since 1970.")
            }
            until = Timestamp(milliseconds: milliseconds)
        }
        let deputy = body["deputy"] == nil ? nil : try body.text("deputy")
        return .json(
            .object(
                try await people.setDeputy(
                    deputy, of: try body.text("name"), until: until, by: caller.person.id)))
    }

    @Sendable func unlink(_ request: Request, context: ConsoleContext) async throws -> Response {
        let (caller, body) = try await read(request, context, "unlink an account")
        return .json(.object(try await people.unlink(try body.text("account"), by: caller.person.id)))
    }

    @Sendable func makeCode(_ request: Request, context: ConsoleContext) async throws -> Response {
        let caller = try context.caller
        try caller.requireOwnName(to: "link an account")
        return .json(.object(try await people.makeLinkCode(for: caller.person.id)), status: .created)
    }

    private func read(
        _ request: Request, _ context: ConsoleContext, _ action: String
    ) async throws -> (Caller, JSONObject) {
        let caller = try context.caller
        try caller.requireOwnName(to: action)
        return (caller, try await request.json(upTo: limits.messageBytes))
    }
}
