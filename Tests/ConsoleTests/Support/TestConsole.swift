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

    var base: String { "http://127.0.0.1:\(port)" }

    static func run(
        limits: ConsoleLimits = ConsoleLimits(), publicOrigins: [String] = [],
        user: @escaping @Sendable (UInt32) -> PersonID? = { _ in FakeChat.ada },
        _ body: (TestConsole) async throws -> Void
    ) async throws {
        let clock = TestClock()
        let chat = FakeChat(clock: clock.wall)
        let directory = try temporaryDirectory()
        defer { rmdir(directory) }
        let path = directory + "/console.sock"
        var configuration = ConsoleConfiguration(
            chat: chat, audit: FakeAudit(), operations: NoOperations(), people: people(user: user),
            assistant: AssistantDescription(name: "Bulkhead", model: "anthropic"), starters: starters, port: 0,
            socketPath: path, publicOrigins: publicOrigins, limits: limits, clock: clock.wall, logger: quiet)
        configuration.host = "127.0.0.1"
        let server = ConsoleServer(configuration)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            let port = try await server.listening()
            try await body(
                TestConsole(server: server, chat: chat, port: port, socketPath: path, clock: clock))
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

    private static func people(user: @escaping @Sendable (UInt32) -> PersonID?) -> PeopleDirectory {
        PeopleDirectory(
            byUser: { user($0) },
            byName: { name in
                switch name {
                case "ada", "p-ada": FakeChat.ada
                case "ben", "p-ben": FakeChat.ben
                default: nil
                }
            })
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
