internal import Conversations
internal import Hummingbird
internal import MCP
internal import Model

/// What owners and admins may see and do besides talking.
struct AdminRoutes: Sendable {
    let chat: any ChatService
    let audit: any AuditReader
    let people: PeopleDirectory
    let login: Login
    let limits: ConsoleLimits
    /// The address of a sign-in page with this token.
    let link: @Sendable (Secret) throws -> String

    static let pageLimit: Int64 = 500

    func add(to api: RouterGroup<ConsoleContext>) {
        api.get("audit", use: rows)
        api.get("audit/verify", use: verify)
        api.post("audit/verify", use: verifyAgainst)
        api.get("audit/witnesses", use: witnesses)
        api.post("audit/match", use: match)
        api.post("login-links", use: makeLink)
    }

    @Sendable func rows(_ request: Request, context: ConsoleContext) async throws -> Response {
        try context.caller.requireAdmin(to: "read the audit trail")
        let limit = try request.number("limit") ?? 100
        guard (1...Self.pageLimit).contains(limit) else {
            throw ConsoleError(.badRequest, "limit must be between 1 and \(Self.pageLimit).")
        }
        let order = request.query("order") ?? "asc"
        guard order == "asc" || order == "desc" else {
            throw ConsoleError(.badRequest, "order must be asc or desc.")
        }
        var filter = AuditFilter(
            after: try request.number("after"), before: try request.number("before"), newestFirst: order == "desc",
            limit: Int(limit), session: request.query("session"), person: request.query("person"),
            tool: request.query("tool"))
        filter.channel = request.query("channel")
        filter.decision = request.query("decision")
        filter.call = request.query("call")
        filter.event = request.query("event")
        filter.since = try request.number("since").map { Timestamp(milliseconds: $0) }
        filter.until = try request.number("until").map { Timestamp(milliseconds: $0) }
        let rows = try await audit.rows(filter)
        return .json(.object(["rows": .array(rows.map(JSONValue.object))]))
    }

    @Sendable func verify(_ request: Request, context: ConsoleContext) async throws -> Response {
        try context.caller.requireAdmin(to: "verify the audit trail")
        return .json(.object(try await audit.verify(lines: [])))
    }

    /// The same against checkpoints that somebody kept elsewhere.
    @Sendable func verifyAgainst(_ request: Request, context: ConsoleContext) async throws -> Response {
        try context.caller.requireAdmin(to: "verify the audit trail")
        let body = try await request.json(upTo: limits.messageBytes)
        let lines = body["checkpoints"]?.arrayValue?.compactMap(\.stringValue) ?? []
        return .json(.object(try await audit.verify(lines: lines)))
    }

    @Sendable func witnesses(_ request: Request, context: ConsoleContext) async throws -> Response {
        try context.caller.requireAdmin(to: "see who witnesses the audit trail")
        return .json(.object(["witnesses": .array(try await audit.witnesses().map(JSONValue.object))]))
    }

    @Sendable func match(_ request: Request, context: ConsoleContext) async throws -> Response {
        let caller = try context.caller
        try caller.requireAdmin(to: "try values on the audit trail")
        try caller.requireOwnName(to: "try values on the audit trail")
        let body = try await request.json(upTo: limits.messageBytes)
        guard let row = body["seq"]?.intValue else {
            throw ConsoleError(.badRequest, "seq is missing: a row's number.")
        }
        return .json(
            .object(
                try await audit.match(
                    row: row, pointer: body.text("pointer"), value: body.text("value"), by: caller.person.id)))
    }

    @Sendable func makeLink(_ request: Request, context: ConsoleContext) async throws -> Response {
        let caller = try context.caller
        // A link remembers who made it. Made in another's name, it would not.
        if let admin = caller.onBehalfBy {
            throw ConsoleError(
                .forbidden,
                "A sign-in link is made in one's own name, and here \(admin.name) acts for \(caller.person.name).")
        }
        let name = try await request.json(upTo: limits.messageBytes).text("person")
        let id = try await whom(name, caller)
        let (token, expires) = try await login.makeTicket(for: id, by: id == caller.person.id ? nil : caller.person.id)
        return .json(
            .object(["url": .string(try link(token)), "expires": .string(expires.rfc3339)]), status: .created)
    }

    /// Whoever the kernel vouches for gets a browser of their own; for others, and out of a browser, it takes an admin.
    private func whom(_ name: String, _ caller: Caller) async throws -> PersonID {
        let isOwn = name == caller.person.name || name == caller.person.id.rawValue
        if isOwn, caller.session == nil { return caller.person.id }
        try caller.requireAdmin(to: "make sign-in links")
        guard !isOwn else { return caller.person.id }
        guard let id = try await people.byName(name) else {
            throw ConsoleError(.notFound, "There is nobody called \(name.prefix(64)).")
        }
        guard caller.person.maySpeak(for: try await chat.person(id)) else {
            throw ConsoleError(.forbidden, "Only an owner may make a sign-in link for an owner.")
        }
        return id
    }
}
