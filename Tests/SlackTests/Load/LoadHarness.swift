import Conversations
import Foundation
import Logging
import MCP
import Model
import Slack
import SlackAPI
import Store

/// All of Slack's way in and out, with agents that are scripts, as a process that may be killed at any moment.
enum LoadHarness {
    struct Orders: Sendable {
        var directory: String
        /// The simulator's.
        var url: String
        var botToken: String
        var appToken: String
        var time: CompressedTime

        init(directory: String, url: String, botToken: String, appToken: String, time: CompressedTime) {
            (self.directory, self.url, self.time) = (directory, url, time)
            (self.botToken, self.appToken) = (botToken, appToken)
        }

        /// As ``text`` has it.
        init?(_ text: String) {
            let lines = text.split(separator: "\n").map(String.init)
            guard lines.count == 5, let time = CompressedTime(lines[4]) else { return nil }
            self.init(directory: lines[0], url: lines[1], botToken: lines[2], appToken: lines[3], time: time)
        }

        var text: String { [directory, url, botToken, appToken, time.text].joined(separator: "\n") }
    }

    struct Unusable: Error {}

    /// Until it is killed.
    static func run(_ orders: Orders) async throws {
        let logger = Logger(label: "load") { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = .error
            return handler
        }
        let time = orders.time
        let database = try Database(directory: orders.directory, clock: time.wall, logger: logger)
        let hub = EventHub()
        // What somebody asks takes up to a second of theirs.
        let agents = ScriptedAgents { said in
            try await time.sleep(.milliseconds(Int.random(in: 0...1000)))
            return said.map { "re: \($0)" }.joined(separator: "\n\n")
        }
        var limits = ConversationLimits()
        (limits.sessions, limits.conversations) = (2000, 2000)
        let service = try await ConversationService.scripted(
            database, agents: agents, hub: hub, directory: orders.directory, limits: limits, logger: logger)
        let client = try client(orders.botToken, orders, logger)
        let appClient = try self.client(orders.appToken, orders, logger)
        let outbound = SlackOutbound(
            database: database, slack: client, hub: hub, chat: service, fileBytes: 1 << 20, time: time.slack,
            logger: logger, show: { _ in })
        let inbound = SlackInbound(
            SlackInboundParts(
                database: database, conversations: service, workspace: SlackClientWorkspace(client),
                people: FakePeople(database), taken: { outbound.life.accept($0) }, clock: time.wall, logger: logger))
        let socket = SocketMode(client: appClient, logger: logger)
        await withTaskGroup(of: Void.self) { group in
            group.addTask { try? await service.run() }
            group.addTask { await agents.run() }
            group.addTask { await inbound.run() }
            group.addTask { await outbound.run() }
            group.addTask {
                await socket.run(cameUp: { inbound.catchUpNow() }) { envelope in
                    if envelope.kind == .event { try await inbound.accept(.object(envelope.payload)) }
                    return nil
                }
            }
        }
    }

    private static func client(_ token: String, _ orders: Orders, _ logger: Logger) throws -> SlackClient {
        guard let endpoint = SlackEndpoint(orders.url + "/api/"), let token = SlackToken(token) else {
            throw Unusable()
        }
        return try SlackClient(endpoint: endpoint, clock: orders.time.calls, logger: logger) { token }
    }
}
