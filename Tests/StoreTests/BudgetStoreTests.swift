import Budgets
import Model
import Schedules
import Store
import Testing

@Suite struct BudgetStoreTests {
    static let day = BudgetBook([Budget(.company, .day, [.hard: 1_000])])

    @Test func whatIsReservedIsTakenUntilItsBillComes() async throws {
        let money = try await MoneyFixture()
        let first = try await money.reserve(600, within: Self.day)
        await #expect(throws: BudgetShortage.self) { try await money.reserve(401, within: Self.day) }
        let second = try await money.reserve(400, within: Self.day)
        try await money.settle(first, 100)
        #expect(try await money.balance(Self.day) == [100, 400])
        try await money.settle(second, 0)
        #expect(try await money.balance(Self.day) == [100, 0])
        #expect(try await money.reserve(900, within: Self.day).microdollars == 900)
    }

    @Test func anEstimateThatWasTooLowMovesAnAccountByThatAndNoMore() async throws {
        let money = try await MoneyFixture()
        let (first, second) = (
            try await money.reserve(100, within: Self.day), try await money.reserve(900, within: Self.day)
        )
        try await money.settle(first, 150)
        #expect(try await money.balance(Self.day) == [150, 900])
        await #expect(throws: BudgetShortage.self) { try await money.reserve(1, within: Self.day) }
        try await money.settle(second, 900)
        #expect(try await money.balance(Self.day) == [1_050, 0])
        await #expect(throws: BudgetShortage.self) { try await money.reserve(1, within: Self.day) }
    }

    @Test func everyAccountOfACallHasToHaveRoom() async throws {
        let money = try await MoneyFixture()
        let book = BudgetBook([
            Budget(.company, .day, [.hard: 1_000]), Budget(.channel, .week, [.hard: 800]),
            Budget(.person, .day, [.hard: 600]), Budget(.session, .run, [.hard: 500]),
            Budget(.task, .run, [.hard: 400]), Budget(.task, .day, [.hard: 450]),
        ])
        var refused: [BudgetScope] = []
        for amount: Int64 in [401, 451, 501, 601, 801, 1_001] {
            do {
                _ = try await money.reserve(amount, within: book, task: "t", run: "r1")
            } catch let shortage as BudgetShortage {
                refused.append(try #require(shortage.balances.last?.account.budget.scope))
                #expect(shortage.needed == amount)
            }
        }
        #expect(refused.count == 6)
        // A run spends its own; another run of that task has what the task has left.
        try await money.settle(
            try await money.reserve(400, within: book, task: "t", run: "r1"), 400, task: "t", run: "r1")
        await #expect(throws: BudgetShortage.self) {
            try await money.reserve(1, within: book, task: "t", run: "r1")
        }
        #expect(try await money.reserve(50, within: book, task: "t", run: "r2").microdollars == 50)
        await #expect(throws: BudgetShortage.self) {
            try await money.reserve(1, within: book, task: "t", run: "r3")
        }
        // Nobody's task: the person's question has its own accounts.
        #expect(try await money.reserve(40, within: book).microdollars == 40)
    }

    @Test func aCallCountsInThePeriodItWasReservedIn() async throws {
        let money = try await MoneyFixture()
        let late = try await money.reserve(1_000, within: Self.day)
        money.fixture.clock.advance(by: .seconds(86_400))
        // Yesterday's hold is yesterday's money.
        #expect(try await money.balance(Self.day) == [0, 0])
        let today = try await money.reserve(1_000, within: Self.day)
        try await money.settle(late, 900)
        #expect(try await money.balance(Self.day) == [0, 1_000])
        try await money.settle(today, 7)
        #expect(try await money.balance(Self.day) == [7, 0])
    }

    @Test func whatAnEarlierProcessHadReservedIsBookedAtItsMost() async throws {
        let money = try await MoneyFixture()
        let reservation = try await money.reserve(700, within: Self.day, task: "t", run: "r")
        #expect(try await money.database.bookDeadReservations() == 1)
        #expect(try await money.balance(Self.day) == [700, 0])
        let entry = try #require(try await money.database.modelCalls(session: money.session.id).first)
        #expect(entry.isEstimate && entry.microdollars == 700 && entry.error?.contains("ended during") == true)
        #expect(entry.task == "t" && entry.run == "r" && entry.started == reservation.at)
        #expect(try await money.database.bookDeadReservations() == 0)
        // A bill that comes all the same is booked, and settles no other call's reservation.
        let next = try await money.reserve(100, within: Self.day)
        #expect(next.id != reservation.id)
        try await money.settle(reservation, 1)
        #expect(try await money.balance(Self.day) == [701, 100])
    }

    @Test func noCallIsBookedToNobody() async throws {
        let money = try await MoneyFixture()
        for missing in ["session", "conversation", "channel", "requester", "turn"] {
            #expect(throws: (any Error).self) {
                try money.fixture.folder.tamper(
                    """
                    INSERT INTO model_calls (session, conversation, channel, requester, turn, tier, provider, model,
                        input_tokens, output_tokens, cache_read_tokens, cache_write_tokens, microdollars, milliseconds,
                        started)
                    SELECT \(["session", "conversation", "channel", "requester", "turn"].map {
                        $0 == missing ? "NULL" : "'\(money.session.id)'"
                    }.joined(separator: ", ")), 'fast', 'p', 'm', 0, 0, 0, 0, 1, 0, 0
                    """)
            }
        }
    }

    @Test func whatIsSpentIsWhatTheLedgerSays() async throws {
        let money = try await MoneyFixture()
        for amount: Int64 in [5, 0, 12, 700] {
            try await money.settle(
                try await money.reserve(amount, within: .none, task: "t", run: "r"), amount, task: "t", run: "r")
        }
        let subject = money.subject(task: "t", run: "r")
        let book = BudgetBook(
            BudgetScope.allCases.flatMap { scope in
                BudgetPeriod.all(of: scope).map { Budget(scope, $0, [.soft: 1]) }
            }, zone: try Zone("Asia/Kathmandu"))
        let balances = try await money.database.balances(of: subject, in: book)
        #expect(balances.count == 14)
        #expect(balances.allSatisfy { $0.spent == 717 && $0.reserved == 0 }, "\(balances)")
    }

    @Test func aWarningIsGivenOnceAPeriodAndPerson() async throws {
        let money = try await MoneyFixture()
        func warn(_ level: BudgetLevel, _ person: PersonID) async throws -> Bool {
            let account = try #require(
                Self.day.accounts(of: money.subject(), at: money.fixture.clock.wall.now()).first)
            return try await money.database.warn(
                person, of: account, level, in: MessageID(trusted: "t1"), text: "\(level)")
        }
        let (anna, ben) = (money.fixture.anna.id, money.fixture.ben.id)
        #expect(try await warn(.soft, anna))
        #expect(try await !warn(.soft, anna))
        #expect(try await warn(.soft, ben))
        #expect(try await warn(.throttle, anna))
        #expect(try await money.database.budgetWarnings(turn: MessageID(trusted: "t1")).count == 3)
        money.fixture.clock.advance(by: .seconds(86_400))
        #expect(try await warn(.soft, anna))
    }
}

/// A session that can spend.
struct MoneyFixture: Sendable {
    let fixture: Fixture
    let session: SessionRecord

    var database: Database { fixture.database }

    init() async throws {
        fixture = try await Fixture()
        let conversation = try await fixture.say("hi", as: fixture.anna).conversation
        session = try await fixture.session(of: fixture.anna, in: conversation)
    }

    func subject(task: String? = nil, run: String? = nil) -> BudgetSubject {
        BudgetSubject(
            person: fixture.anna.id, channel: fixture.room.id, conversation: session.conversation, session: session.id,
            task: task, run: run)
    }

    @discardableResult
    func reserve(
        _ microdollars: Int64, within book: BudgetBook, task: String? = nil, run: String? = nil
    ) async throws -> Reservation {
        try await database.reserve(
            ReservationDraft(
                subject(task: task, run: run), turn: MessageID(trusted: "t1"), tier: "fast", provider: "p", model: "m",
                microdollars: microdollars), within: book)
    }

    func settle(
        _ reservation: Reservation, _ microdollars: Int64, task: String? = nil, run: String? = nil
    ) async throws {
        var entry = ModelCallEntry(
            subject(task: task, run: run), turn: MessageID(trusted: "t1"), tier: "fast", provider: "p", model: "m",
            started: fixture.clock.wall.now())
        entry.microdollars = microdollars
        try await database.recordModelCall(entry, settling: reservation.id)
    }

    /// Spent and reserved, of the first account.
    func balance(_ book: BudgetBook) async throws -> [Int64] {
        let balance = try await database.balances(of: subject(), in: book).first
        return balance.map { [$0.spent, $0.reserved] } ?? []
    }
}
