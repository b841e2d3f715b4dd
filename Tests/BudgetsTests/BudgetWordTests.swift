import Budgets
import Model
import Schedules
import Testing

@Suite struct BudgetWordTests {
    private static let now = Timestamp(milliseconds: 1_796_040_000_000)  // 2026-11-30T12:00:00Z
    private static let subject = BudgetSubject(
        person: PersonID(trusted: "p"), channel: ChannelID(trusted: "c"), conversation: ConversationID(trusted: "v"),
        session: SessionID(trusted: "s"), task: "t", run: "r")

    private static func shortage(
        _ scope: BudgetScope, _ period: BudgetPeriod, hard: Int64, spent: Int64, needed: Int64 = 1
    ) throws -> BudgetShortage {
        let book = BudgetBook([Budget(scope, period, [.hard: hard])])
        let account = try #require(book.accounts(of: subject, at: now).first)
        return BudgetShortage([BudgetBalance(account, spent: spent, reserved: 0)], needing: needed, zone: .utc)
    }

    @Test func aPersonIsToldWhichBudgetAndWhenMoneyReturns() throws {
        let day = try Self.shortage(.company, .day, hard: 50_000_000, spent: 50_000_000)
        #expect(day.sentence == "The company's budget of $50 a day is used up")
        #expect(day.returning(at: Self.now) == "at 00:00 (UTC), or when an admin raises it")
        let month = try Self.shortage(.person, .month, hard: 1_500_000, spent: 1_600_000)
        #expect(month.sentence == "Your budget of $1.50 a month is used up")
        #expect(month.returning(at: Self.now) == "at 00:00 (UTC), or when an admin raises it")
        let early = Timestamp(milliseconds: Self.now.milliseconds - 5 * 86_400_000)
        #expect(month.returning(at: early) == "on Tue 1 Dec at 00:00 (UTC), or when an admin raises it")
        let run = try Self.shortage(.task, .run, hard: 1_000_000, spent: 1_000_000)
        #expect(run.sentence == "This task's budget of $1 a run is used up" && run.returns == nil)
        #expect(run.returning(at: Self.now) == "when an admin raises it")
    }

    @Test func whatIsLeftAndDoesNotReachIsNotCalledUsedUp() throws {
        let left = try Self.shortage(.company, .day, hard: 1_000_000, spent: 900_000, needed: 250_000)
        #expect(
            left.sentence
                == "The company's budget of $1 a day does not reach any more: $0.10 are left, and the next model call may "
                + "cost $0.25")
        #expect(left.returns != nil)
        let never = try Self.shortage(.company, .day, hard: 100_000, spent: 0, needed: 250_000)
        #expect(
            never.sentence == "The company's budget of $0.10 a day does not reach for a model call that may cost $0.25")
        // Tomorrow's does not either.
        #expect(never.returns == nil)
    }

    @Test func theLastOfSeveralToReturnCounts() throws {
        let book = BudgetBook([
            Budget(.company, .day, [.hard: 1]), Budget(.company, .week, [.hard: 1]), Budget(.person, .day, [.hard: 1]),
        ])
        let balances = book.accounts(of: Self.subject, at: Self.now).map { BudgetBalance($0, spent: 1, reserved: 0) }
        let shortage = BudgetShortage(balances, needing: 1, zone: .utc)
        #expect(shortage.returns == balances[1].account.window.end)
        #expect(shortage.sentence.contains("a week"))
    }

    @Test(arguments: [
        ("50", 50_000_000 as Int64?), ("0.25", 250_000), ("0", 0), ("1.000001", 1_000_001),
        ("10000000", 10_000_000_000_000),
        ("10000001", nil), ("-1", nil), ("1e3", nil), ("1.", nil), (".5", nil), ("1.0000001", nil), ("$5", nil),
        ("", nil),
        ("1,5", nil), ("٣", nil), ("999999999999999999999", nil),
    ])
    func amountsAreReadExactly(text: String, amount: Int64?) {
        #expect(Dollars.parse(text) == amount)
        if let amount { #expect(Dollars.parse(Dollars.plain(amount)) == amount) }
    }

    @Test(arguments: [
        (0 as Int64, "$0"), (1, "$0.0001"), (9_999, "$0.0100"), (10_000, "$0.01"), (1_230_000, "$1.23"),
        (1_230_001, "$1.24"), (50_000_000, "$50"), (-1_500_000, "-$1.50"), (.max, "$9223372036854.78"),
    ])
    func amountsAreSaidWithoutHidingAnything(amount: Int64, text: String) {
        #expect(Dollars.text(amount) == text)
    }

    @Test func nothingOverflows() {
        let account = BudgetAccount(
            budget: Budget(.company, .day, [.hard: .max]), name: "company",
            window: BudgetWindow(.run, at: Self.now, in: .utc))
        let balance = BudgetBalance(account, spent: .max, reserved: .max)
        #expect(balance.taken == .max && !balance.has(roomFor: 1) && balance.reaches(.hard))
        #expect(BudgetBalance(account, spent: 0, reserved: 0).has(roomFor: -5))
    }
}
