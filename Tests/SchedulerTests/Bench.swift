import Foundation
import Glibc
import Logging
import MCP
import Model
import Scheduler
import Store
import Synchronization

/// A scheduler over a real store, with a clock and hands of the test's own.
final class Bench: Sendable {
    let directory: String
    let database: Database
    let scheduler: Scheduler
    let desk: TaskDesk
    let hands: Hands
    let anna: PersonRecord
    private let time: Mutex<Timestamp>

    init(
        at start: String = "2026-03-01T00:00:00.000Z", limits: SchedulerLimits = SchedulerLimits(),
        directory: String? = nil
    ) async throws {
        self.directory = directory ?? NSTemporaryDirectory() + "tasks-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: self.directory, withIntermediateDirectories: true)
        let time = Clock(Bench.time(start))
        clock = time
        let wall = WallClock { time.now }
        database = try Database(
            directory: self.directory, clock: wall, identifiers: IdentifierSource(clock: wall),
            logger: Logger(label: "test"))
        hands = Hands(database: database)
        scheduler = Scheduler(
            Scheduler.Parts(
                database: database, runner: hands, limits: Reloadable(limits), clock: wall,
                logger: Logger(label: "test")))
        desk = TaskDesk(scheduler: scheduler)
        anna = try await database.findOrCreatePerson(name: "anna", role: .owner)
        _ = try await database.dmChannel(of: anna.id)
        self.time = Mutex(time.now)
    }

    let clock: Clock

    static func time(_ text: String) -> Timestamp {
        let formatter = ISO8601DateFormatter()
        formatter.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
        let date = formatter.date(from: text) ?? Date(timeIntervalSince1970: 0)
        return Timestamp(milliseconds: Int64(date.timeIntervalSince1970 * 1000))
    }

    func advance(_ duration: Duration) { clock.now = clock.now.advanced(by: duration) }

    /// Moves the clock, looking every `step`.
    func pass(_ duration: Duration, step: Duration = .seconds(60)) async {
        let end = clock.now.advanced(by: duration)
        while clock.now < end {
            advance(step)
            await scheduler.tick()
        }
    }

    func task(
        _ schedule: JSONValue, name: String = "report", owner: PersonID? = nil, by maker: TaskMaker = .person,
        _ more: JSONObject = [:]
    ) async throws -> TaskRecord {
        var fields: JSONObject = ["name": .string(name), "prompt": "Write the report.", "schedule": schedule]
        for (key, value) in more { fields[key] = value }
        if fields["jitter_seconds"] == nil { fields["jitter_seconds"] = 0 }
        return try await desk.create(fields, for: owner ?? anna.id, by: maker, isTried: false)
    }

    func runs(of task: TaskRecord) async throws -> [TaskRunRecord] {
        try await database.taskRuns(of: task.id, limit: 500).sorted { ($0.due, $0.attempt) < ($1.due, $1.attempt) }
    }
}

final class Clock: Sendable {
    private let value: Mutex<Timestamp>

    init(_ start: Timestamp) { value = Mutex(start) }

    var now: Timestamp {
        get { value.withLock { $0 } }
        set { value.withLock { $0 = newValue } }
    }
}

/// Does at once what it is told to do with each run.
final class Hands: TaskRunner {
    enum Deed: Sendable {
        case answer, fail, ask, nothing
    }

    struct State {
        var deed = Deed.answer
        var check: @Sendable () throws -> String = { #"{"wakeAgent": true}"# }
        var checks = 0
        var started: [MessageRecord] = []
        var told: [String] = []
        var events: [TaskEvent] = []
        var ended: [TaskRunID] = []
        var hasRoom = true
        var obstacle: String?
        var withheld: String?
        /// The process ends there, as by `kill -9`.
        var stop: String?
    }

    let database: Database
    let state = Mutex(State())

    init(database: Database) { self.database = database }

    func set(_ change: @Sendable (inout State) -> Void) { state.withLock { change(&$0) } }

    var started: [MessageRecord] { state.withLock { $0.started } }
    var ended: [TaskRunID] { state.withLock { $0.ended } }
    var told: [String] { state.withLock { $0.told } }
    var events: [TaskEvent] { state.withLock { $0.events } }

    private func pass(_ step: String) {
        if state.withLock({ $0.stop }) == step { kill(getpid(), SIGKILL) }
    }

    func hasRoom() async -> Bool {
        if (try? await database.nextTaskTime()).flatMap({ $0 }).map({ $0 > database.clock.now() }) == false {
            pass("claimed")
        }
        return state.withLock { $0.hasRoom }
    }
    func obstacle(to task: TaskRecord) async -> String? { state.withLock { $0.obstacle } }

    func screened(_ text: String, of task: TaskRecord) async throws -> String {
        pass("screened")
        if let reason = state.withLock({ $0.withheld }) { throw TaskProblem(.forbidden, reason) }
        return text
    }

    func check(_ script: String, of task: TaskRecord) async throws -> String {
        pass("checking")
        return try state.withLock { state in
            state.checks += 1
            return state.check
        }()
    }

    func takeUp(_ message: MessageRecord) async {
        pass("inbox")
        let deed = state.withLock { state in
            state.started.append(message)
            return state.deed
        }
        try? await perform(deed, message)
    }

    func perform(_ deed: Deed, _ message: MessageRecord) async throws {
        guard deed != .nothing, let author = message.author else { return }
        let session = try await database.startSession(
            conversation: message.conversation, requester: author, compartment: nil)
        let turn = try await database.beginTurn([message.id], session: session.id)
        pass("taken")
        if deed == .ask {
            _ = try await database.createApproval(
                ApprovalDraft(
                    id: nil, call: CallID(trusted: "call-\(message.id)"), session: session.id,
                    conversation: message.conversation,
                    requester: author, tool: "send_mail", effect: .external, arguments: #"{"to":"ben@example.com"}"#,
                    argumentsDigest: "d", policyDigest: "p", rule: "mode auto", reason: "external",
                    approvers: "requester", expires: database.clock.now().advanced(by: .seconds(86_400))))
            _ = try await database.suspendQuestions(of: session.id)
        }
        try await database.completeTurn(
            TurnCompletion(
                turn: turn, kind: deed == .answer ? .assistant : .notice,
                text: deed == .fail ? "It did not work." : "Done."))
        pass("answered")
        try await database.endSession(session.id, reason: "done")
    }

    func end(_ run: TaskRunRecord, reason: String) async {
        state.withLock { $0.ended.append(run.id) }
        guard let message = run.message else { return }
        guard let record = try? await database.message(message), record.state == .pending else { return }
        try? await perform(.fail, record)
    }

    func tell(_ owner: PersonID, _ text: String) async { state.withLock { $0.told.append(text) } }

    func record(_ event: TaskEvent) async throws -> Int64 {
        if event.name == "task.run_ended" { pass("settled") }
        return state.withLock { state in
            state.events.append(event)
            return Int64(state.events.count)
        }
    }
}
