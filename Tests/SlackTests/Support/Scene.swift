import Conversations
import Foundation
import Logging
import MCP
import Model
import Slack
import Store
import Synchronization
import Testing

/// The way in from Slack over a real store and conversations, with a Slack in memory and agents that are scripts.
final class Scene: Sendable {
    let directory: String
    let database: Database
    let service: ConversationService
    let workspace: FakeWorkspace
    let people: FakePeople
    let inbound: SlackInbound
    let clock: MovableClock
    let options: Reloadable<SlackInboundOptions>
    private let agents: ScriptedAgents
    private let nextEvent = Mutex(0)
    private let ownsDirectory: Bool
    private let isClosed = Mutex(false)

    /// What agents were given, in order: each message with what was said before it.
    var received: [JSONValue] { agents.received.withLock { $0 } }
    var texts: [String] { received.compactMap { $0["text"]?.stringValue } }

    init(
        directory: String? = nil, workspace: FakeWorkspace = FakeWorkspace(), clock: MovableClock = MovableClock(),
        options: SlackInboundOptions = SlackInboundOptions(), hooksAreGone: Bool = false
    ) async throws {
        self.directory = directory ?? NSTemporaryDirectory() + "scene-" + UUID().uuidString
        ownsDirectory = directory == nil
        self.workspace = workspace
        self.clock = clock
        self.options = Reloadable(options)
        try FileManager.default.createDirectory(atPath: self.directory, withIntermediateDirectories: true)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        database = try Database(directory: self.directory, clock: clock.wall, logger: logger)
        agents = ScriptedAgents()
        service = try await ConversationService.scripted(
            database, agents: agents, directory: self.directory, hooksAreGone: hooksAreGone, logger: logger)
        people = FakePeople(database)
        inbound = SlackInbound(
            SlackInboundParts(
                database: database, conversations: service, workspace: workspace, people: people,
                options: self.options, clock: clock.wall, logger: logger))
    }

    deinit {
        close()
        if ownsDirectory { try? FileManager.default.removeItem(atPath: directory) }
    }

    func close() {
        let wasClosed = isClosed.withLock { isClosed in
            defer { isClosed = true }
            return isClosed
        }
        if !wasClosed { database.close() }
    }

    /// Runs everything while `body` runs. `worksOff` false: events are kept, and nothing is done about them.
    func run(worksOff: Bool = true, _ body: @escaping @Sendable (Scene) async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.service.run() }
            group.addTask { await self.agents.run() }
            if worksOff { group.addTask { await self.inbound.run() } }
            group.addTask {
                try await body(self)
                throw Finished()
            }
            do { _ = try await group.next() } catch is Finished {}
            group.cancelAll()
        }
    }

    /// What Slack tells of a message; the time stamp. It stands in the channel's history too, `isHeard` or not.
    @discardableResult
    func says(
        _ user: String, _ text: String, in channel: String = "C1", ts: String? = nil, thread: String? = nil,
        _ more: JSONObject = [:], as types: [String] = ["message"], isHeard: Bool = true
    ) async throws -> String {
        let ts = ts ?? SlackTimestamp(clock.tick()).text
        var message: JSONObject = ["type": "message", "user": .string(user), "text": .string(text), "ts": .string(ts)]
        message["thread_ts"] = thread.map { .string($0) }
        for (key, value) in more { message[key] = value }
        workspace.state.withLock { $0.messages[channel, default: []].append(message) }
        guard isHeard else { return ts }
        message["channel"] = .string(channel)
        for type in types {
            message["type"] = .string(type)
            try await tell(.object(message))
        }
        return ts
    }

    /// An event of Slack's under an id of its own.
    func tell(_ event: JSONValue, id: String? = nil) async throws {
        let number = nextEvent.withLock { number in
            number += 1
            return number
        }
        try await inbound.accept(
            ["type": "event_callback", "event_id": .string(id ?? "Ev\(number)"), "event": event])
    }

    /// Until every event is worked off and nobody waits for an answer.
    func settled() async throws {
        try await until { scene in
            guard try await scene.database.slackEventCounts().waiting == 0 else { return false }
            let waiting = try await scene.database.conversationsWithPending()
            let running = try await scene.database.unfinishedTurns()
            return waiting.isEmpty && running.isEmpty
        }
    }

    func until(_ isSo: (Scene) async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while try await !isSo(self) {
            try #require(ContinuousClock.now < deadline, "it never came to that")
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// So many of them, once they are there.
    func answers(_ count: Int) async throws -> [String] {
        let found = Mutexed<[String]>([])
        try await until { scene in
            let more = try await scene.answers()
            found.change { $0 += more }
            return found.value.count >= count
        }
        return found.value
    }

    /// What is on its way to Slack, as `ADDRESS: text`, and from now on not any more.
    func answers() async throws -> [String] {
        var found: [String] = []
        while true {
            let next = try await database.claimOutbox(surface: "slack", limit: 50)
            if next.isEmpty { return found }
            for record in next {
                found.append("\(record.address): \(record.text)")
                try await database.markDelivered(record.id, reference: nil)
            }
        }
    }

    func transcript(of thread: String, in channel: String = "C1") async throws -> [TranscriptEntry] {
        guard let record = try await database.slackThread(thread, in: channel) else { return [] }
        return try await database.transcript(of: record.conversation)
    }

    private struct Finished: Error {}
}

/// Goes on by a millisecond whenever it is asked to, and by more where the test says so.
final class MovableClock: Sendable {
    private let time = Mutex<Int64>(1_700_000_000_000)
    var wall: WallClock { WallClock { [self] in Timestamp(milliseconds: time.withLock { $0 }) } }

    func tick() -> Timestamp {
        Timestamp(
            milliseconds: time.withLock { time in
                time += 1
                return time
            })
    }

    func advance(by duration: Duration) { time.withLock { $0 += duration.components.seconds * 1000 } }
}
