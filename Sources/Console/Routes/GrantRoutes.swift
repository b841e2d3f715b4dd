internal import Conversations
internal import Hummingbird
internal import MCP
internal import Model

/// What people allowed beyond one call, and taking it back.
struct GrantRoutes: Sendable {
    let chat: any ChatService

    func add(to api: RouterGroup<ConsoleContext>) {
        api.get("grants", use: grants)
        api.post("grants/{id}/revoke", use: revoke)
    }

    @Sendable func grants(_ request: Request, context: ConsoleContext) async throws -> Response {
        let grants = try await chat.grants(for: context.caller.person.id)
        return .json(.object(["grants": .array(grants.map(\.json))]))
    }

    @Sendable func revoke(_ request: Request, context: ConsoleContext) async throws -> Response {
        let caller = try context.caller
        try caller.requireOwnName(to: "revoke a grant")
        try await chat.revokeGrant(try context.identifier(of: IdentifierKind.Grant.self), by: caller.person.id)
        return .json(.object([:]))
    }
}
