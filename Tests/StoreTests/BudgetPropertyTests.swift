import Budgets
import Foundation
import Glibc
import Model
import Store
import Synchronization
import Testing

/// A thousand calls at once, whatever each comes to, with the process gone in between: no account goes beyond its limit.
@Suite(.timeLimit(.minutes(5))) struct BudgetPropertyTests {
    /// Two of everything, and limits that some of a thousand calls meet and others do not.
    static let book = BudgetBook([
        Budget(.company, .day, [.hard: 300_000]), Budget(.company, .month, [.hard: 900_000]),
        Budget(.channel, .day, [.hard: 260_000]), Budget(.person, .day, [.hard: 170_000]),
        Budget(.task, .run, [.hard: 30_000]), Budget(.session, .run, [.hard: 150_000]),
    ])

    /// A call that costs at most `most`, and comes to `bill`; `excess` is what an estimate was wrong by.
    private struct Call {
        var subject: BudgetSubject
        var most: Int64
        var bill: Int64
        var dies: Bool
    }

    private static func calls(
        _ count: Int, _ subjects: [BudgetSubject], _ numbers: inout SeededNumbers, excess: Int64
    ) -> [Call] {
        (0..<count).map { index in
            var subject = subjects[Int(numbers.next() % UInt64(subjects.count))]
            if numbers.next() % 3 == 0 {
                subject.task = "task-\(numbers.next() % 3)"
                subject.run = "run-\(numbers.next() % 7)"
            }
            let most = Int64(numbers.next() % 4_000) + 1
            var bill = Int64(numbers.next() % UInt64(most + 1))
            // One estimate that was too low.
            if excess > 0, index == count / 2 { bill = most + excess }
            return Call(subject: subject, most: most, bill: bill, dies: numbers.next() % 10 == 0)
        }
    }

    @Test(arguments: [(1 as UInt64, 0 as Int64), (2, 0), (3, 5_000)])
    func aThousandCallsStayWithinEveryLimit(seed: UInt64, excess: Int64) async throws {
        var numbers = SeededNumbers(state: seed)
        let folder = TemporaryFolder()
        let clock = TestClock()
        var database = try Store.Database(directory: folder.path, clock: clock.wall)
        let subjects = try await Self.subjects(in: database)
        let tally = Tally()
        for _ in 0..<4 {
            let calls = Self.calls(250, subjects, &numbers, excess: excess)
            let open = database
            try await withThrowingTaskGroup(of: Void.self) { group in
                for call in calls {
                    group.addTask {
                        guard let reservation = try await Self.reserve(call, in: open) else { return }
                        tally.count()
                        // Some of them are under way when the process ends.
                        if !call.dies { try await Self.settle(reservation, call, in: open) }
                        tally.see(try await Self.excess(of: call.subject, in: open))
                    }
                }
                try await group.waitForAll()
            }
            // The process ends, with what it had reserved; the next one starts.
            database.close()
            database = try Store.Database(directory: folder.path, clock: clock.wall)
            try await database.bookDeadReservations()
            #expect(try await database.reservedMicrodollars() == 0)
            for subject in subjects {
                tally.see(try await Self.excess(of: subject, in: database))
            }
        }
        // Some were let through, and some were not: else this would show nothing.
        let (count, most) = tally.all
        #expect(count > 100 && count < 1_000, "\(count)")
        #expect(most <= excess, "\(most) above a limit")
    }

    /// How many calls were let through, and the furthest that an account was seen above its limit.
    private final class Tally: Sendable {
        private let state = Mutex((granted: 0, worst: Int64(0)))

        var all: (granted: Int, worst: Int64) { state.withLock { $0 } }
        func count() { state.withLock { $0.granted += 1 } }
        func see(_ excess: Int64) { state.withLock { $0.worst = max($0.worst, excess) } }
    }

    /// How far the worst of its accounts is above its limit.
    private static func excess(of subject: BudgetSubject, in database: Store.Database) async throws -> Int64 {
        try await database.balances(of: subject, in: book).map { $0.taken - ($0.limit(.hard) ?? .max) }.max() ?? 0
    }

    private static func reserve(_ call: Call, in database: Store.Database) async throws -> Reservation? {
        do {
            return try await database.reserve(
                ReservationDraft(
                    call.subject, turn: MessageID(trusted: "t"), tier: "fast", provider: "p", model: "m",
                    microdollars: call.most), within: book)
        } catch is BudgetShortage {
            return nil
        }
    }

    private static func settle(_ reservation: Reservation, _ call: Call, in database: Store.Database) async throws {
        var entry = ModelCallEntry(
            call.subject, turn: MessageID(trusted: "t"), tier: "fast", provider: "p", model: "m",
            started: reservation.at)
        entry.microdollars = call.bill
        try await database.recordModelCall(entry, settling: reservation.id)
    }

    /// Two people in two rooms, a session each.
    static func subjects(in database: Store.Database) async throws -> [BudgetSubject] {
        var subjects: [BudgetSubject] = []
        for name in ["anna", "ben"] {
            let person = try await database.findOrCreatePerson(name: name).id
            for place in ["x", "y"] {
                let room = try await database.createRoom(named: "\(name)-\(place)", by: person).id
                let conversation = try await database.acceptInbound(
                    InboundDraft(
                        channel: room, author: person, text: "hi", surface: "web", eventID: UUID().uuidString)
                ).message.conversation
                let session = try await database.startSession(conversation: conversation, requester: person).id
                subjects.append(
                    BudgetSubject(person: person, channel: room, conversation: conversation, session: session))
            }
        }
        return subjects
    }

    // MARK: A process that is killed

    static let childVariable = "BULKHEAD_BUDGET_CHILD"

    /// What the ledger shows after a kill is within the limit, and everything that was acknowledged is in it.
    @Test func aKilledProcessLeavesNothingBeyondTheLimit() async throws {
        for round in 1...2 {
            let folder = TemporaryFolder()
            let first = try Store.Database(directory: folder.path)
            let subject = try #require(try await Self.subjects(in: first).first)
            first.close()
            let settled = try Self.kill(in: folder.path, after: 60 * round)
            let database = try Store.Database(directory: folder.path)
            let pending = try await database.reservedMicrodollars()
            let dead = try await database.bookDeadReservations()
            // It was killed with calls under way.
            #expect(pending > 0 && dead > 0)
            #expect(try await database.reservedMicrodollars() == 0)
            let session = try #require(subject.session)
            let ledger = try await database.modelCalls(session: session)
            #expect(ledger.count { !$0.isEstimate } >= settled)
            let limit = try #require(Self.killed.budgets.first?.limits[.hard])
            #expect(ledger.reduce(0) { $0 + $1.microdollars } <= limit)
            let balance = try #require(try await database.balances(of: subject, in: Self.killed).first)
            #expect(balance.spent == ledger.reduce(0) { $0 + $1.microdollars })
            database.close()
        }
    }

    /// Met after some hundred calls.
    private static let killed = BudgetBook([Budget(.company, .month, [.hard: 400_000])])

    /// Does nothing where it is not the child: makes calls, 16 at a time, until it is killed.
    @Test func child() async throws {
        guard let path = ProcessInfo.processInfo.environment[Self.childVariable] else { return }
        let database = try Store.Database(directory: path)
        guard let session = try await database.openSessions().min(by: { $0.id < $1.id }) else { exit(5) }
        let subject = BudgetSubject(
            person: session.requester, channel: session.channel, conversation: session.conversation,
            session: session.id)
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<16 {
                group.addTask {
                    while true {
                        let call = Call(subject: subject, most: 900, bill: Int64.random(in: 0...900), dies: false)
                        let draft = ReservationDraft(
                            subject, turn: MessageID(trusted: "t"), tier: "fast", provider: "p", model: "m",
                            microdollars: call.most)
                        guard let reservation = try? await database.reserve(draft, within: Self.killed) else {
                            // The limit is met: from here on it only waits to be killed.
                            try? await Task.sleep(for: .seconds(60))
                            continue
                        }
                        try? await Task.sleep(for: .milliseconds(2))
                        guard (try? await Self.settle(reservation, call, in: database)) != nil else { exit(3) }
                        let line = Array("settled\n".utf8)
                        guard write(STDERR_FILENO, line, line.count) == line.count else { exit(4) }
                    }
                }
            }
        }
    }

    private static func kill(in path: String, after count: Int) throws -> Int {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["--testing-library", "swift-testing", "--filter", "BudgetPropertyTests/child"]
        process.environment = ProcessInfo.processInfo.environment.merging([childVariable: path]) { $1 }
        let pipe = Pipe()
        process.standardError = pipe
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        try pipe.fileHandleForWriting.close()
        var output = Data()
        var seen = 0
        while seen < count {
            let more = pipe.fileHandleForReading.availableData
            if more.isEmpty { break }
            output.append(more)
            seen = output.count { $0 == 0x0A }
        }
        Glibc.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        output.append(try pipe.fileHandleForReading.readToEnd() ?? Data())
        return String(decoding: output, as: UTF8.self).split(separator: "\n").count { $0 == "settled" }
    }
}

/// The same numbers every time (SplitMix64).
struct SeededNumbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
