import Foundation
import Logging
import Model
import Slack
import SlackAPI
import Store
import Synchronization
import Testing

/// Time that passes when the test says so, or as soon as somebody waits for it.
final class StageTime: Sendable {
    private struct State {
        var now: Int64 = 1_700_000_400_000
        var isHasty: Bool
        var sleepers: [(id: Int, until: Int64, continuation: CheckedContinuation<Void, any Error>)] = []
        var next = 0
        var slept: [Duration] = []
    }

    private let state: Mutex<State>

    /// `isHasty`: whoever sleeps finds that the time has passed.
    init(isHasty: Bool) { state = Mutex(State(isHasty: isHasty)) }

    var wall: WallClock { WallClock { [self] in Timestamp(milliseconds: state.withLock(\.now)) } }
    var slack: SlackTime { SlackTime(now: wall.now, sleep: { try await self.sleep($0) }, jitter: { 0 }) }
    var slept: [Duration] { state.withLock(\.slept) }

    func advance(by duration: Duration) {
        let due = state.withLock { state in
            state.now += Self.milliseconds(duration)
            let due = state.sleepers.filter { $0.until <= state.now }
            state.sleepers.removeAll { sleeper in due.contains { $0.id == sleeper.id } }
            return due
        }
        for sleeper in due { sleeper.continuation.resume() }
    }

    private func sleep(_ duration: Duration) async throws {
        let id = state.withLock { state in
            state.next += 1
            state.slept.append(duration)
            if state.isHasty { state.now += Self.milliseconds(duration) }
            return state.next
        }
        try Task.checkCancellation()
        if state.withLock(\.isHasty) { return await Task.yield() }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                state.withLock { $0.sleepers.append((id, $0.now + Self.milliseconds(duration), continuation)) }
                if Task.isCancelled { cancel(id) }
            }
        } onCancel: {
            cancel(id)
        }
    }

    private func cancel(_ id: Int) {
        let sleeper = state.withLock { state in
            let index = state.sleepers.firstIndex { $0.id == id }
            return index.map { state.sleepers.remove(at: $0) }
        }
        sleeper?.continuation.resume(throwing: CancellationError())
    }

    private static func milliseconds(_ duration: Duration) -> Int64 {
        duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
    }
}

/// A database in which anna asked something in a Slack thread, and a Slack that hears what becomes of it.
struct OutboundStage: Sendable {
    static let thread = SlackAddress(channel: "C0SALES", thread: SlackTimestamp("1700000300.000100"))

    let path: String
    let time: StageTime
    let database: Database
    let slack = FakeSlack()
    let anna: PersonRecord
    let room: ChannelRecord

    init(isHasty: Bool = true) async throws {
        path = FileManager.default.temporaryDirectory.appending(path: "bulkhead-\(UUID())").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        time = StageTime(isHasty: isHasty)
        database = try Database(directory: path, clock: time.wall)
        anna = try await database.findOrCreatePerson(name: "anna")
        room = try await database.createRoom(named: "#sales", by: anna.id)
        try await database.saveAccount("U0ANNA", on: "slack", called: "anna", of: anna.id)
        await slack.put(root: "1700000300.000100", in: "C0SALES")
    }

    /// To be called at a test's end.
    func end() {
        database.close()
        try? FileManager.default.removeItem(atPath: path)
    }

    func ask(
        _ text: String = "plan?", at address: SlackAddress = thread, in conversation: ConversationID? = nil,
        event: String = UUID().uuidString
    ) async throws -> MessageRecord {
        try await database.acceptInbound(
            InboundDraft(
                channel: room.id, conversation: conversation, author: anna.id, text: text, surface: "slack",
                eventID: event, home: address.description)
        ).message
    }

    func begin(_ message: MessageRecord, labels: Labels = []) async throws -> SessionRecord {
        let session = try await database.startSession(
            conversation: message.conversation, requester: anna.id, labels: labels)
        try await database.beginTurn([message.id], session: session.id)
        return session
    }

    @discardableResult
    func answer(
        _ message: MessageRecord, _ text: String = "the answer", attachments: [AttachmentID] = []
    ) async throws -> MessageRecord {
        let session = try await begin(message)
        let answer = try await database.completeTurn(
            TurnCompletion(turn: message.id, kind: .assistant, text: text, attachments: attachments))
        try await database.endSession(session.id, reason: "done")
        return answer
    }

    var logger: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }

    func tools(
        live: (any LiveTurns)? = nil, face: @escaping DeliveryTools.Face = { _ in nil },
        render: @escaping DeliveryTools.Render = OutboundStage.paragraphs
    ) -> DeliveryTools {
        DeliveryTools(
            database: database, slack: slack, live: live, time: time.slack, logger: logger, face: face, render: render)
    }

    /// A part for each paragraph.
    static let paragraphs: DeliveryTools.Render = { entry in
        RenderedEntry(parts: entry.message.text.split(separator: "\n\n").map { .init(text: String($0)) })
    }

    /// Runs a deliverer until nothing waits any more, or `condition` holds.
    func deliver(
        live: (any LiveTurns)? = nil, face: @escaping DeliveryTools.Face = { _ in nil },
        render: @escaping DeliveryTools.Render = OutboundStage.paragraphs,
        until condition: (@Sendable (DeliveryStatus) async throws -> Bool)? = nil
    ) async throws {
        let deliverer = Deliverer(tools(live: live, face: face, render: render))
        let changes = database.outboxChanges()
        let running = Task { await deliverer.run() }
        let ticks = changes.makeAsyncIterator()
        var iterator = ticks
        while true {
            let status = await deliverer.currentStatus()
            if let condition {
                if try await condition(status) { break }
            } else if try await database.outboxStatus(surface: "slack", failedSince: .init(milliseconds: 0)).waiting
                == 0
            {
                break
            }
            _ = await iterator.next()
        }
        running.cancel()
        await running.value
    }
}
