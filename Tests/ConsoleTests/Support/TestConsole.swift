import Console
import Conversations
import Glibc
import Logging
import MCP
import Model
import Synchronization
import Testing

/// A console on real doors, for one test.
struct TestConsole {
    let server: ConsoleServer
    let chat: FakeChat
    let port: Int
    let socketPath: String
    let clock: TestClock
    let recorder: FakeRecorder
    let admissions: Admissions

    var base: String { "http://127.0.0.1:\(port)" }

    static func run(
        limits: ConsoleLimits = ConsoleLimits(), publicOrigins: [String] = [],
        operations: any Operations = NoOperations(), sessions: any SessionStore = InMemorySessionStore(),
        egress: (any EgressOperations)? = nil, tasks: (any TaskOperations)? = nil, logger: Logger = quiet,
        clock: TestClock = TestClock(),
        user: @escaping @Sendable (UInt32) -> PersonID? = { _ in FakeChat.ada },
        _ body: (TestConsole) async throws -> Void
    ) async throws {
        let (recorder, admissions) = (FakeRecorder(), Admissions())
        let chat = FakeChat(clock: clock.wall)
        let directory = try temporaryDirectory()
        defer { rmdir(directory) }
        let path = directory + "/console.sock"
        var configuration = ConsoleConfiguration(
            chat: chat, audit: FakeAudit(), operations: operations, members: NoPeopleOperations(),
            secrets: NoSecretOperations(),
            surface: { _ in [:] },
            recorder: recorder,
            people: people(admissions, user: user),
            assistant: AssistantDescription(name: "Bulkhead", model: "anthropic"), starters: starters, port: 0,
            socketPath: path, publicOrigins: publicOrigins, sessions: sessions, limits: limits, clock: clock.wall,
            logger: logger)
        configuration.host = "127.0.0.1"
        configuration.egress = egress
        configuration.tasks = tasks
        let server = ConsoleServer(configuration)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            let port = try await server.listening()
            try await body(
                TestConsole(
                    server: server, chat: chat, port: port, socketPath: path, clock: clock, recorder: recorder,
                    admissions: admissions))
            group.cancelAll()
        }
    }

    static let quiet = Logger(label: "console") { _ in SwiftLogNoOpLogHandler() }

    static let starters = [
        Starter(title: "Add up the orders", text: "Add up orders.csv by region and show me a table."),
        Starter(title: "Read the report", text: "Summarise report.pdf in five sentences."),
        Starter(title: "Search my notes", text: "What do my notes say about the March release?"),
        Starter(title: "Draft a mail", text: "approve a mail to the board with the totals of the third quarter."),
    ]

    private static func people(
        _ admissions: Admissions, user: @escaping @Sendable (UInt32) -> PersonID?
    ) -> PeopleDirectory {
        PeopleDirectory(
            byUser: { number in user(number).flatMap { admissions.has($0) ? $0 : nil } },
            byName: { name in
                let found: PersonID? =
                    switch name {
                    case "ada", "p-ada": FakeChat.ada
                    case "ben", "p-ben": FakeChat.ben
                    case "cleo", "p-cleo": FakeChat.cleo
                    default: nil
                    }
                guard let found, !admissions.has(found) else { return found }
                throw ChatError(.forbidden, "\(name) may not use Bulkhead any more.")
            },
            isAdmitted: { admissions.has($0) })
    }

    private static func temporaryDirectory() throws -> String {
        var template = Array("/tmp/console-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TestFailure("mkdtemp") }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

struct TestFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}

/// A clock that moves when told to. Starts at the real time, for browsers show it.
final class TestClock: Sendable {
    private let offset: Mutex<Duration> = Mutex(.zero)

    var wall: WallClock { WallClock { WallClock.system.now().advanced(by: self.offset.withLock { $0 }) } }

    func advance(by duration: Duration) { offset.withLock { $0 += duration } }
}
