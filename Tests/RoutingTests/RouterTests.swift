import Testing

@testable import Routing

@Suite struct RouterTests {
    private let router = Router()
    private let middling = "Summarise the attached meeting notes and list who has to do what by when."

    @Test func theScoreIsTheSumOfWhatIsSaidToHaveMovedIt() throws {
        let text = TextFeatures(middling)
        let decision = router.decide(text, SessionFeatures())
        let sum = TextFeature.allCases.reduce(RouterWeights.trained.intercept) {
            $0 + RouterWeights.trained[$1] * text[$1]
        }
        let odds = decision.score / (1 - decision.score)
        #expect(abs(odds - expE(sum)) < 1e-9 * odds)
        #expect(decision.parts.first?.words == "how much is said")
        #expect(decision.reason.hasPrefix("Raised by how much is said"))
        #expect(zip(decision.parts, decision.parts.dropFirst()).allSatisfy { abs($0.shift) >= abs($1.shift) })
    }

    /// e to the power of a number, by its series.
    private func expE(_ power: Double) -> Double {
        var term = 1.0
        var sum = 1.0
        for step in 1..<200 {
            term *= power / Double(step)
            sum += term
        }
        return sum
    }

    @Test(arguments: [
        (0.0, 1.0, RouteTier.balanced), (0.0, 0.0, .best), (1.0, 1.0, .fast),
    ])
    func thresholdsDecide(balanced: Double, best: Double, tier: RouteTier) throws {
        let thresholds = try #require(RouteThresholds(balanced: balanced, best: best))
        #expect(Router(thresholds: thresholds).decide(middling).tier == tier)
    }

    @Test(arguments: [(0.6, 0.5), (-0.1, 0.5), (0.1, 1.1), (Double.nan, 0.5), (0.1, Double.nan)])
    func thresholdsThatMakeNoSenseAreRefused(balanced: Double, best: Double) {
        #expect(RouteThresholds(balanced: balanced, best: best) == nil)
    }

    @Test func theBoundaryBelongsToTheDearerTier() {
        let thresholds = RouteThresholds.standard
        #expect(thresholds.tier(thresholds.balanced) == .balanced && thresholds.tier(thresholds.best) == .best)
        #expect(
            thresholds.tier(thresholds.balanced - 1e-9) == .fast && thresholds.tier(thresholds.best - 1e-9) == .balanced
        )
    }

    struct Case: Sendable {
        var name: String
        var raises: Bool
        var change: @Sendable (inout SessionFeatures) -> Void
    }

    static let cases = [
        Case(name: "attachments", raises: true) { $0.attachments = 2 },
        Case(name: "a long conversation", raises: true) { $0.depth = 30 },
        Case(name: "tool calls", raises: true) { $0.toolCalls = 20 },
        Case(name: "failures", raises: true) { $0.failedCalls = 2 },
        Case(name: "a room", raises: true) { $0.place = .room },
        Case(name: "scheduled", raises: false) { $0.task = .scheduled },
        Case(name: "tried before", raises: false) { $0.task = .preflighted },
    ]

    @Test(arguments: cases.indices)
    func whatTheHarnessKnowsMoves(index: Int) {
        let item = Self.cases[index]
        var session = SessionFeatures()
        let before = router.decide(middling, session).score
        item.change(&session)
        let after = router.decide(middling, session)
        #expect((after.score > before) == item.raises && after.score != before, "\(item.name)")
    }

    @Test func countsBeyondReasonAreBounded() {
        var session = SessionFeatures()
        (session.attachments, session.depth, session.toolCalls, session.failedCalls) = (4, 24, 20, 4)
        let most = router.decide(middling, session).score
        (session.attachments, session.depth, session.toolCalls, session.failedCalls) = (.max, .max, .max, .max)
        #expect(router.decide(middling, session).score == most)
        (session.attachments, session.depth, session.toolCalls, session.failedCalls) = (.min, -1, -1, .min)
        #expect(router.decide(middling, session).score == router.decide(middling).score)
    }

    @Test func aShortFollowUpGoesOnFromTheConversationAndACourtesyDoesNot() {
        var session = SessionFeatures()
        session.previousScore = 0.95
        let alone = router.decide("And for March?").score
        #expect(router.decide("And for March?", session).score > alone + 0.2)
        #expect(router.decide("thanks!", session).score == router.decide("thanks!").score)
        let long = CompanyRequest.all.filter { $0.tier == "balanced" && TextFeatures($0.prompt).words > 20 }
        #expect(long.allSatisfy { router.decide($0.prompt, session).score == router.decide($0.prompt).score })
        session.previousScore = 0.01
        #expect(router.decide("And for March?", session).score == alone)
        session.previousScore = .nan
        #expect(router.decide("And for March?", session).score == alone)
    }

    @Test(arguments: [
        (RouteTier.best, RouteTier.best, RouteTier.best), (.best, .balanced, .balanced), (.fast, .best, .fast),
        (.balanced, .fast, .fast),
    ])
    func aTierIsAskedForOutsideTheTextAndPolicyHasTheLastWord(
        requested: RouteTier, ceiling: RouteTier, tier: RouteTier
    ) throws {
        var session = SessionFeatures()
        session.requested = requested
        session.ceiling = ceiling
        let decision = router.decide(middling, session)
        #expect(decision.tier == tier && decision.score == router.decide(middling).score)
        #expect(try #require(decision.note).contains("asked for"))
    }

    @Test func policysCeilingHoldsForTheScoreToo() throws {
        var session = SessionFeatures()
        session.ceiling = .fast
        let decision = router.decide(middling, session)
        #expect(decision.tier == .fast)
        #expect(decision.reason.contains("Policy gives fast at most."))
    }

    @Test func theSameIsDecidedTheSame() {
        #expect(router.decide(middling) == Router().decide(middling))
    }
}
