import Budgets
import Model
import Store
import Testing

@Suite struct CostStoreTests {
    @Test func costsArePutTogetherByWhatIsAskedFor() async throws {
        let money = try await MoneyFixture()
        let ben = try await money.fixture.session(of: money.fixture.ben, in: money.session.conversation)
        func book(
            _ person: PersonRecord, _ session: SessionRecord, _ tier: String, _ amount: Int64, task: String? = nil,
            skill: String? = nil, isEstimate: Bool = false
        ) async throws {
            var entry = ModelCallEntry(
                BudgetSubject(
                    person: person.id, channel: money.fixture.room.id, conversation: session.conversation,
                    session: session.id, task: task, run: task.map { $0 + "-1" }), turn: MessageID(trusted: "t1"),
                tier: tier, provider: "p", model: "m-\(tier)", started: money.fixture.clock.wall.now())
            (entry.inputTokens, entry.outputTokens, entry.cacheReadTokens) = (10, 2, 30)
            (entry.microdollars, entry.skill, entry.isEstimate) = (amount, skill, isEstimate)
            try await money.database.recordModelCall(entry)
        }
        try await book(money.fixture.anna, money.session, "fast", 100, skill: "sums")
        try await book(money.fixture.anna, money.session, "best", 5_000, task: "report")
        money.fixture.clock.advance(by: .seconds(7200))
        try await book(money.fixture.ben, ben, "fast", 300, isEstimate: true)

        let zero = Timestamp(milliseconds: 0)
        let database = money.database
        let people = try await database.costs(by: .person, since: zero)
        #expect(people.map(\.name) == ["anna", "ben"] && people.map(\.microdollars) == [5_100, 300])
        #expect(people[1].estimates == 1 && people[0].estimates == 0 && people[0].cacheReadTokens == 60)
        #expect(try await database.costs(by: .tier, since: zero).map(\.key) == ["best", "fast"])
        #expect(try await database.costs(by: .channel, since: zero).map(\.name) == ["sales"])
        #expect(try await database.costs(by: .task, since: zero).map(\.key) == ["report", ""])
        #expect(try await database.costs(by: .skill, since: zero).map(\.key) == ["", "sums"])
        #expect(try await database.costs(by: .quarter, since: zero).count == 2)
        for grouping in CostGrouping.allCases {
            let rows = try await database.costs(by: grouping, since: zero)
            #expect(rows.reduce(0) { $0 + $1.microdollars } == 5_400, "\(grouping)")
        }
        // One's own, and what is new.
        #expect(
            try await database.costs(by: .tier, since: zero, for: money.fixture.ben.id).map(\.microdollars) == [300])
        let recent = money.fixture.clock.wall.now().advanced(by: .seconds(-60))
        #expect(try await database.costs(by: .person, since: recent).map(\.name) == ["ben"])
        let company = try await database.spent(
            from: "company", since: zero, until: money.fixture.clock.wall.now())
        #expect(company.microdollars == 5_400 && company.first != nil)
        #expect(try await database.spent(from: "nobody", since: zero, until: recent).first == nil)
    }

    // MARK: Tiers

    private static func route(
        _ turn: MessageID, _ money: MoneyFixture, tier: String, score: Double = 0.5
    ) -> RouteRecord {
        RouteRecord(
            turn: turn, session: money.session.id, conversation: money.session.conversation,
            channel: money.fixture.room.id, requester: money.fixture.anna.id, at: money.fixture.clock.wall.now(),
            version: 1, score: score, routed: tier, tier: tier, reason: "because", features: "{}")
    }

    @Test func aDecisionIsJoinedWithWhatCameOfIt() async throws {
        let money = try await MoneyFixture()
        let database = money.database
        let first = try await money.fixture.say("one", as: money.fixture.anna, in: money.session.conversation)
        _ = try await database.beginTurn([first.id], session: money.session.id)
        try await database.saveRoute(Self.route(first.id, money, tier: "fast"))
        try await database.moveRoute(first.id, to: "balanced", because: "it failed three times")
        var entry = ModelCallEntry(
            money.subject(), turn: first.id, tier: "fast", provider: "p", model: "m",
            started: money.fixture.clock.wall.now())
        (entry.microdollars, entry.inputTokens) = (70, 11)
        try await database.recordModelCall(entry)
        let answer = try await database.completeTurn(TurnCompletion(turn: first.id, kind: .assistant, text: "x"))
        try await database.endRoute(first.id, "answered")
        #expect(try await database.routeSwitches(of: first.id) == ["fast to balanced: it failed three times"])

        money.fixture.clock.advance(by: .seconds(60))
        let second = try await money.fixture.say("two", as: money.fixture.anna, in: money.session.conversation)
        var facts = try await database.routeFacts(before: second.id, session: money.session.id)
        #expect(facts.previous?.tier == "balanced" && facts.previous?.started == "fast" && facts.goodTurns == 1)
        #expect(!facts.wasToldWrong && facts.lastTokens == 11 && facts.depth == 3)
        try await database.saveFeedback(.bad, words: nil, on: answer.id, by: money.fixture.ben.id)
        // Somebody else's thumb is no word of the requester's.
        facts = try await database.routeFacts(before: second.id, session: money.session.id)
        #expect(!facts.wasToldWrong)
        try await database.saveFeedback(.bad, words: nil, on: answer.id, by: money.fixture.anna.id)
        facts = try await database.routeFacts(before: second.id, session: money.session.id)
        #expect(facts.wasToldWrong)

        let outcomes = try await database.routeOutcomes(since: Timestamp(milliseconds: 0))
        let outcome = try #require(outcomes.first)
        #expect(outcomes.count == 1 && outcome.isBad && outcome.switches == 1 && outcome.microdollars == 70)
        #expect(outcome.route.outcome == "answered" && outcome.inputTokens == 11 && outcome.calls == 1)
    }

    @Test func aMessageKeepsTheTierItAskedFor() async throws {
        let money = try await MoneyFixture()
        var draft = InboundDraft(
            channel: money.fixture.room.id, author: money.fixture.anna.id, text: "x", surface: "web", eventID: "e1")
        draft.tier = "best"
        #expect(try await money.database.acceptInbound(draft).message.tier == "best")
    }
}
