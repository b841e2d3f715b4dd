package import Conversations
package import Logging
package import MCP
package import Model

/// Everything the console is made with. Nothing is read from the environment.
package struct ConsoleConfiguration: Sendable {
    package var chat: any ChatService
    package var audit: any AuditReader
    package var operations: any Operations
    /// `nil`: nothing is scheduled here, and there is no route for it.
    package var tasks: (any TaskOperations)?
    /// `nil`: there is no network to grant, and no route for it.
    package var egress: (any EgressOperations)?
    package var members: any PeopleOperations
    package var secrets: any SecretOperations
    /// Everything there is to attack, with these doors in it.
    package var surface: @Sendable ([ConsoleDoor]) async throws -> JSONObject
    package var recorder: any ConsoleRecorder
    /// `nil`: there is none here, and no route to it.
    package var drill: (any DrillRunner)?
    package var people: PeopleDirectory
    package var assistant: AssistantDescription
    package var starters: [Starter]
    /// Where browsers connect; a loopback address unless a reverse proxy with TLS stands before it.
    package var host: String
    /// 0 takes any free port.
    package var port: Int
    /// Where the command line connects; at most 107 bytes. `nil` opens no such door.
    package var socketPath: String?
    /// Addresses browsers may use besides loopback, such as `https://chat.example.com`.
    package var publicOrigins: [String]
    package var sessions: any SessionStore
    package var limits: ConsoleLimits
    package var clock: WallClock
    package var identifiers: IdentifierSource
    package var logger: Logger

    package init(
        chat: any ChatService, audit: any AuditReader, operations: any Operations,
        members: any PeopleOperations, secrets: any SecretOperations,
        egress: (any EgressOperations)? = nil, tasks: (any TaskOperations)? = nil,
        surface: @escaping @Sendable ([ConsoleDoor]) async throws -> JSONObject,
        recorder: any ConsoleRecorder, drill: (any DrillRunner)? = nil,
        people: PeopleDirectory, assistant: AssistantDescription, starters: [Starter] = [], host: String = "127.0.0.1",
        port: Int = 8181, socketPath: String? = nil,
        publicOrigins: [String] = [], sessions: any SessionStore = InMemorySessionStore(),
        limits: ConsoleLimits = ConsoleLimits(), clock: WallClock = .system,
        identifiers: IdentifierSource = IdentifierSource(), logger: Logger
    ) {
        self.chat = chat
        self.audit = audit
        self.operations = operations
        self.egress = egress
        self.tasks = tasks
        self.members = members
        self.secrets = secrets
        self.surface = surface
        self.recorder = recorder
        self.drill = drill
        self.people = people
        self.assistant = assistant
        self.starters = starters
        self.host = host
        self.port = port
        self.socketPath = socketPath
        self.publicOrigins = publicOrigins
        self.sessions = sessions
        self.limits = limits
        self.clock = clock
        self.identifiers = identifiers
        self.logger = logger
    }
}

package struct ConsoleLimits: Sendable {
    /// A request with JSON in it, a message included.
    package var messageBytes = 1 << 20
    package var uploadBytes = 64 << 20
    /// Events kept for a reader that falls behind; one more and its connection is closed, to be resumed.
    package var eventBacklog = 1024
    package var heartbeat: Duration = .seconds(15)
    /// A connection between requests.
    package var idle: Duration = .seconds(75)
    package var loginLink: Duration = .seconds(15 * 60)
    /// A signed-in browser, counted from its last use.
    package var session: Duration = .seconds(7 * 24 * 3600)
    /// However often it is used, a browser signs in again after this.
    package var longestSession: Duration = .seconds(30 * 24 * 3600)
    /// How often an open event stream asks whether its reader may still read.
    package var recheck: Duration = .seconds(2)
    /// For answers under way when the console is told to stop.
    package var farewell: Duration = .seconds(5)

    package init() {}
}

package struct AssistantDescription: Sendable {
    package var name: String
    /// What answers: `offline` says that no AI does.
    package var model: String

    package init(name: String, model: String) {
        self.name = name
        self.model = model
    }
}

/// A first message offered to someone who does not know what to ask.
package struct Starter: Sendable {
    package var title: String
    package var text: String

    package init(title: String, text: String) {
        self.title = title
        self.text = text
    }
}

/// Who somebody is, as far as the doors need to know. Each answer holds for the moment: the settings can change, and with
/// them who may come in, and as what.
package struct PeopleDirectory: Sendable {
    /// The person behind an operating-system user, `nil` for a stranger.
    package let byUser: @Sendable (UInt32) async throws -> PersonID?
    /// The person of that name or identifier. Throws `ChatError` for one who may not come in any more.
    package let byName: @Sendable (String) async throws -> PersonID?
    /// Whether that person may come in now.
    package let isAdmitted: @Sendable (PersonID) async throws -> Bool

    package init(
        byUser: @escaping @Sendable (UInt32) async throws -> PersonID?,
        byName: @escaping @Sendable (String) async throws -> PersonID?,
        isAdmitted: @escaping @Sendable (PersonID) async throws -> Bool
    ) {
        self.byUser = byUser
        self.byName = byName
        self.isAdmitted = isAdmitted
    }
}
