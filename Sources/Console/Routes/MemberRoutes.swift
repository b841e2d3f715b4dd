internal import Conversations
internal import Hummingbird
internal import MCP
internal import Model

/// Who belongs to a channel.
struct MemberRoutes: Sendable {
    let chat: any ChatService
    let people: PeopleDirectory
    let limits: ConsoleLimits

    func add(to api: RouterGroup<ConsoleContext>) {
        api.get("channels/{id}/members", use: members)
        api.post("channels/{id}/members", use: addMember)
        api.delete("channels/{id}/members/{person}", use: removeMember)
    }

    @Sendable func members(_ request: Request, context: ConsoleContext) async throws -> Response {
        let id = try context.identifier(of: IdentifierKind.Channel.self)
        return try await answer(id, for: try context.caller.person.id)
    }

    @Sendable func addMember(_ request: Request, context: ConsoleContext) async throws -> Response {
        let id = try context.identifier(of: IdentifierKind.Channel.self)
        let caller = try context.caller
        try caller.requireOwnName(to: "change who is in a channel")
        let name = try await request.json(upTo: limits.messageBytes).text("person")
        guard let member = try await people.byName(name) else {
            throw ConsoleError(.notFound, "There is nobody called \(name.prefix(64)) who may use Bulkhead.")
        }
        try await chat.addMember(member, to: id, by: caller.person.id)
        return try await answer(id, for: caller.person.id, status: .created)
    }

    @Sendable func removeMember(_ request: Request, context: ConsoleContext) async throws -> Response {
        let id = try context.identifier(of: IdentifierKind.Channel.self)
        let caller = try context.caller
        try caller.requireOwnName(to: "change who is in a channel")
        // By identifier: whoever is to go may have no way in any more, and so no name.
        guard let member = context.parameters.get("person").flatMap({ PersonID($0) }) else {
            throw ConsoleError(.badRequest, "A member is named by identifier.")
        }
        try await chat.removeMember(member, from: id, by: caller.person.id)
        guard member != caller.person.id else { return .json(.object(["members": []])) }
        return try await answer(id, for: caller.person.id)
    }

    private func answer(
        _ channel: ChannelID, for person: PersonID, status: HTTPResponse.Status = .ok
    ) async throws -> Response {
        let members = try await chat.members(of: channel, for: person)
        return .json(.object(["members": .array(members.map(\.json))]), status: status)
    }
}
