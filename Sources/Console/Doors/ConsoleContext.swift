internal import Conversations
internal import Hummingbird
package import Model
internal import NIOCore

/// One request at one of the doors.
struct ConsoleContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    let channel: any Channel
    private var identified: Caller?

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        channel = source.channel
    }

    /// Who asks. Set by the door before any route that needs it runs; a route reached without it answers 401.
    var caller: Caller {
        get throws(ConsoleError) {
            guard let identified else { throw .signedOut }
            return identified
        }
    }

    mutating func identify(as caller: Caller) {
        identified = caller
    }
}

/// The person a request is made for, established by a door.
struct Caller: Sendable {
    /// For whom: what may be done is this person's.
    var person: Person
    /// The admin who acts for `person`, where one does.
    var onBehalfBy: Person?
    /// The name under which messages from this door are deduplicated.
    var surface: String
    /// What a browser must repeat in `X-Bulkhead-CSRF`; empty at the socket.
    var crossSiteToken: String = ""
    /// The session to end at sign-out; `nil` at the socket, where the kernel says who it is.
    var session: SecretDigest?
    /// Whether the door would still take the caller for this one: for what goes on after the request was let in.
    let isStillAdmitted: @Sendable () async throws -> Bool

    /// What is on record under one name must be one hand's.
    func requireOwnName(to action: String) throws(ConsoleError) {
        if let admin = onBehalfBy {
            throw ConsoleError(
                .forbidden, "In one's own name one may \(action); here \(admin.name) acts for \(person.name).")
        }
    }

    func requireAdmin(to action: String) throws(ConsoleError) {
        guard person.role.isAdmin else {
            throw ConsoleError(.forbidden, "Only an owner or admin may \(action).")
        }
    }
}

extension Role {
    package var isAdmin: Bool { self == .owner || self == .admin }
}

extension ConsoleError {
    static let signedOut = ConsoleError(
        .unauthenticated, "You are not signed in, or your sign-in has expired. Open a new sign-in link.")
}
