internal import Conversations
internal import Hummingbird
internal import Model
internal import NIOCore
internal import UnixPeers

/// Identifies who connected to the Unix socket by what the kernel says of the other end.
struct SocketDoor: RouterMiddleware {
    let people: PeopleDirectory
    let chat: any ChatService

    func handle(
        _ request: Request, context: ConsoleContext, next: (Request, ConsoleContext) async throws -> Response
    ) async throws -> Response {
        let user = try await UnixPeer.user(of: context.channel)
        let name = request.headers[.actAs]
        let (person, admin) = try await identify(user, actingAs: name)
        var context = context
        context.identify(
            as: Caller(
                person: person, onBehalfBy: admin, surface: "cli",
                isStillAdmitted: { try await identify(user, actingAs: name).person.id == person.id }))
        return try await next(request, context)
    }

    /// Throws what to tell those who may not come in, or not as that one.
    private func identify(_ user: UInt32, actingAs name: String?) async throws -> (person: Person, admin: Person?) {
        guard let id = try await people.byUser(user) else {
            throw ConsoleError(
                .forbidden,
                "No person is known for operating-system user \(user). The owner can list them under "
                    + "people.members in the configuration.")
        }
        let caller = try await chat.person(id)
        guard let name else { return (caller, nil) }
        guard caller.role.isAdmin else {
            throw ConsoleError(.forbidden, "Only an owner or admin may act for somebody else.")
        }
        guard let other = try await people.byName(name) else {
            throw ConsoleError(.notFound, "There is nobody called \(name.prefix(64)).")
        }
        guard other != id else { return (caller, nil) }
        let person = try await chat.person(other)
        guard caller.maySpeak(for: person) else {
            throw ConsoleError(.forbidden, "Only an owner may act for an owner.")
        }
        return (person, caller)
    }
}

extension UnixPeer {
    /// Throws where the other end cannot be identified.
    static func user(of channel: any Channel) async throws -> UInt32 {
        guard let peer = try await of(channel).get() else {
            throw ConsoleError(.unauthenticated, "The other end of this connection cannot be identified.")
        }
        return peer.user
    }
}
