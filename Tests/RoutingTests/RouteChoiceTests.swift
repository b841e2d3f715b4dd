import Routing
import Testing

/// What a turn begins with: the router's word, the person's wish, what the session has shown, the budget.
@Suite struct RouteChoiceTests {
    private static let small = "thanks!"
    private static let hard =
        "Prove that the reconciliation algorithm terminates, derive its complexity step by step, compare three designs and "
        + "find the root cause of each race condition in the following code, then plan the migration."

    private static func choice(
        _ text: String, requested: RouteTier? = nil, mayAsk: Bool = true, throttled: Bool = false,
        history: RouteHistory = RouteHistory(), policy: RoutePolicy = RoutePolicy()
    ) -> RouteChoice {
        RouteChoice(
            TextFeatures(text), SessionFeatures(), requested: requested, mayAsk: mayAsk, isThrottled: throttled,
            history: history, policy: policy)
    }

    @Test func theRouterDecidesWhereNothingElseDoes() {
        #expect(Self.choice(Self.small).tier == .fast)
        let hard = Self.choice(Self.hard)
        #expect(hard.tier == .best && hard.routed == .best && !hard.isRequested && !hard.isThrottled)
        #expect(Self.choice(Self.hard, policy: RoutePolicy(highest: .balanced)).tier == .balanced)
        // What the score said is kept, whatever policy made of it.
        #expect(Self.choice(Self.hard, policy: RoutePolicy(highest: .balanced)).routed == .best)
    }

    @Test func whoMayAskGetsWhatTheyAskFor() {
        let granted = Self.choice(Self.small, requested: .best)
        #expect(granted.tier == .best && granted.isRequested && granted.reason.contains("best was asked for"))
        let refused = Self.choice(Self.small, requested: .best, mayAsk: false)
        #expect(refused.tier == .fast && !refused.isRequested)
        #expect(refused.reason.contains("policy gives fast at most"))
        // Cheaper is everybody's to ask for.
        #expect(Self.choice(Self.hard, requested: .fast, mayAsk: false).tier == .fast)
        // An admin's wish goes beyond what is given without one.
        #expect(Self.choice(Self.small, requested: .best, policy: RoutePolicy(highest: .fast)).tier == .best)
    }

    @Test func noTextAsksForATier() {
        for text in ["use best", "tier: best", "BEST MODEL PLEASE", "<tier>best</tier>", "--tier best"] {
            let choice = Self.choice(text)
            #expect(!choice.isRequested && choice.tier != .best, "\(text)")
        }
    }

    @Test func aBudgetLowersByOneTierAndSparesRequestsByPolicy() {
        let lowered = Self.choice(Self.hard, throttled: true)
        #expect(lowered.tier == .balanced && lowered.isThrottled && lowered.ceiling == .balanced)
        #expect(lowered.reason.contains("one tier lower, at balanced"))
        let cheapest = Self.choice(Self.small, throttled: true)
        #expect(cheapest.tier == .fast && !cheapest.isThrottled)
        #expect(Self.choice(Self.hard, requested: .best, throttled: true).tier == .best)
        #expect(
            Self.choice(Self.hard, requested: .best, throttled: true, policy: RoutePolicy(sparesRequests: false)).tier
                == .balanced)
        // A wish that policy did not give is none.
        #expect(Self.choice(Self.hard, requested: .fast, mayAsk: false, throttled: true).tier == .fast)
    }

    private static let prices: @Sendable (RouteTier, RouteTier) -> SwitchPrices? = { current, other in
        func model(_ tier: RouteTier) -> SwitchPrices.Model {
            let input: Int64 = [1_000_000, 3_000_000, 5_000_000][tier.rank]
            return SwitchPrices.Model(
                input: input, cacheWrite: input * 5 / 4, cacheRead: input / 10, output: input * 5)
        }
        return SwitchPrices(
            current: model(current), other: model(other), cachedTokens: 200_000, expectedCalls: 2,
            newTokensPerCall: 1_000, outputTokensPerCall: 100)
    }

    @Test func aWarmCacheKeepsATierThatIsWorthLess() {
        var history = RouteHistory()
        (history.tier, history.prices, history.evidence.goodTurns) = (.best, Self.prices, 5)
        let kept = Self.choice(Self.small, history: history)
        #expect(kept.tier == .best && kept.reason.contains("the warm cache is worth more"))
        // Nothing is in a cache any more: the router's word is enough.
        history.prices = nil
        #expect(Self.choice(Self.small, history: history).tier == .fast)
    }

    @Test func anAnswerThatWasWrongRaisesTheNextTurn() {
        var history = RouteHistory()
        (history.tier, history.evidence.wasToldWrong) = (.fast, true)
        let raised = Self.choice(Self.small, history: history)
        #expect(raised.tier == .balanced && raised.reason.contains("the person said that it is wrong"))
        history.tier = .balanced
        #expect(Self.choice(Self.small, history: history).tier == .best)
        #expect(Self.choice(Self.small, history: history, policy: RoutePolicy(highest: .balanced)).tier == .balanced)
        // Who asked for a tier has it.
        #expect(Self.choice(Self.small, requested: .fast, history: history).tier == .fast)
    }

    @Test func aCandidateOnTrialIsKeptAndNotActedOn() throws {
        let shadow = try #require(RouteThresholds(balanced: 0, best: 0))
        let choice = Self.choice(Self.small, policy: RoutePolicy(shadow: shadow))
        #expect(choice.tier == .fast && choice.shadow == .best)
        #expect(Self.choice(Self.small).shadow == nil)
    }

    // MARK: What other thresholds would have cost

    private static func turn(_ score: Double, _ tier: RouteTier, fixed: Bool = false) -> RouteReplay.Turn {
        RouteReplay.Turn(
            score: score, tier: tier, isFixed: fixed, input: 1_000_000, cacheRead: 0, cacheWrite: 0, output: 0,
            microdollars: [1_000_000, 3_000_000, 5_000_000][tier.rank])
    }

    @Test func theSameTokensCostWhatTheirTierCosts() throws {
        let model: (Int64) -> SwitchPrices.Model = {
            SwitchPrices.Model(input: $0, cacheWrite: $0, cacheRead: $0, output: $0)
        }
        let prices: [RouteTier: SwitchPrices.Model] = [.fast: model(1_000_000), .best: model(5_000_000)]
        let turns = [
            Self.turn(0.1, .fast), Self.turn(0.5, .balanced), Self.turn(0.9, .best),
            Self.turn(0.1, .best, fixed: true),
        ]
        func shares(_ balanced: Double, _ best: Double, highest: RouteTier = .best) throws -> [RouteTier: RouteReplay
            .Share]
        {
            RouteReplay.shares(
                of: turns, with: try #require(RouteThresholds(balanced: balanced, best: best)), highest: highest,
                prices: prices)
        }
        let same = try shares(0.2, 0.85)
        #expect(same[.fast]?.microdollars == 1_000_000 && same[.balanced]?.microdollars == 3_000_000)
        #expect(same[.best]?.turns == 2 && same[.best]?.microdollars == 10_000_000)
        let cheap = try shares(1, 1)
        #expect(cheap[.fast]?.turns == 3 && cheap[.fast]?.microdollars == 3_000_000 && cheap[.best]?.turns == 1)
        // Of `balanced` no price is known: what it did cost.
        let middle = try shares(0, 1)
        #expect(middle[.balanced]?.turns == 3 && middle[.balanced]?.microdollars == 9_000_000)
        #expect(try shares(0, 0, highest: .fast)[.fast]?.turns == 3)
    }
}
