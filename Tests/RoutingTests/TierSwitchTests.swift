import Testing

@testable import Routing

@Suite struct TierSwitchTests {
    struct Case: Sendable, CustomStringConvertible {
        var description: String
        var current = RouteTier.balanced
        var started = RouteTier.balanced
        var ceiling = RouteTier.best
        var isRequested = false
        var prices: SwitchPrices? = TierSwitchTests.worthIt
        var evidence: @Sendable (inout TierEvidence) -> Void = { _ in }
        var expected: RouteTier?
    }

    /// A cold cache and many calls to come.
    static let worthIt = prices(cached: 0, calls: 10)

    /// Dear to cheap: 5 to 1 throughout, in dollars a million tokens.
    static func prices(cached: Int64, calls: Int64) -> SwitchPrices {
        SwitchPrices(
            current: .init(input: 5_000_000, cacheWrite: 6_250_000, cacheRead: 500_000, output: 25_000_000),
            other: .init(input: 1_000_000, cacheWrite: 1_250_000, cacheRead: 100_000, output: 5_000_000),
            cachedTokens: cached, expectedCalls: calls, newTokensPerCall: 100, outputTokensPerCall: 50)
    }

    static let cases = [
        Case(description: "nothing", expected: nil),
        Case(description: "one malformed call is chance", evidence: { $0.malformedCalls = 1 }, expected: nil),
        Case(description: "two are not", evidence: { $0.malformedCalls = 2 }, expected: .best),
        Case(description: "two failures", evidence: { $0.repeatedFailures = 2 }, expected: nil),
        Case(description: "three in a row", evidence: { $0.repeatedFailures = 3 }, expected: .best),
        Case(description: "told that it is wrong", evidence: { $0.wasToldWrong = true }, expected: .best),
        Case(description: "a plan of twelve", evidence: { $0.openSteps = 12 }, expected: nil),
        Case(description: "a plan of thirteen", evidence: { $0.openSteps = 13 }, expected: .best),
        Case(
            description: "one tier at a time", current: .fast, started: .fast, evidence: { $0.wasToldWrong = true },
            expected: .balanced),
        Case(
            description: "no higher than policy", ceiling: .balanced, evidence: { $0.wasToldWrong = true },
            expected: nil),
        Case(description: "no higher than best", current: .best, evidence: { $0.wasToldWrong = true }, expected: nil),
        Case(
            description: "up although the cache is warm", prices: prices(cached: 1_000_000, calls: 1),
            evidence: { $0.wasToldWrong = true }, expected: .best),
        Case(description: "asked for: stays", isRequested: true, evidence: { $0.wasToldWrong = true }, expected: nil),
        Case(description: "down again", current: .best, evidence: { $0.goodTurns = 3 }, expected: .balanced),
        Case(description: "not yet", current: .best, evidence: { $0.goodTurns = 2 }, expected: nil),
        Case(description: "not below where it began", evidence: { $0.goodTurns = 9 }, expected: nil),
        Case(
            description: "not out of a warm cache", current: .best, prices: prices(cached: 100_000, calls: 1),
            evidence: { $0.goodTurns = 9 }, expected: nil),
        Case(
            description: "out of a warm cache with many calls to come", current: .best,
            prices: prices(cached: 100_000, calls: 10), evidence: { $0.goodTurns = 3 }, expected: .balanced),
        Case(
            description: "not where nothing more is expected", current: .best, prices: prices(cached: 0, calls: 0),
            evidence: { $0.goodTurns = 9 }, expected: nil),
        Case(
            description: "not without prices", current: .best, prices: nil, evidence: { $0.goodTurns = 9 },
            expected: nil),
        Case(
            description: "not while things go wrong", current: .best,
            evidence: { ($0.goodTurns, $0.malformedCalls) = (9, 2) }, expected: nil),
        Case(
            description: "policy took the tier away", current: .best, ceiling: .fast, isRequested: true, expected: .fast
        ),
    ]

    @Test(arguments: cases)
    func whatIsDecided(item: Case) {
        var evidence = TierEvidence()
        item.evidence(&evidence)
        let found = TierSwitch.decide(
            current: item.current, started: item.started, ceiling: item.ceiling, isRequested: item.isRequested,
            evidence: evidence, prices: item.prices)
        switch found {
        case .stay: #expect(item.expected == nil, "\(found)")
        case .raise(let tier, _): #expect(tier == item.expected && tier > item.current, "\(found)")
        case .lower(let tier, _): #expect(tier == item.expected && tier < item.current, "\(found)")
        }
    }

    /// By hand: 100,000 cached tokens, one call. Staying: 0.1 M × 0.5 + 100 × 6.25 + 50 × 25; switching: 0.1 M × 1.25 and a
    /// fifth of the rest.
    @Test func theSavingIsThatOfTheSums() {
        #expect(
            Self.prices(cached: 100_000, calls: 1).saving == (50_000_000_000 + 625_000_000 + 1_250_000_000)
                - (125_000_000_000 + 125_000_000 + 250_000_000))
        #expect(Self.prices(cached: 0, calls: 0).saving == 0)
    }

    @Test(arguments: [
        SwitchPrices(
            current: .init(input: .max, cacheWrite: .max, cacheRead: .max, output: .max),
            other: .init(input: 0, cacheWrite: 0, cacheRead: 0, output: 0), cachedTokens: .max, expectedCalls: .max,
            newTokensPerCall: .max, outputTokensPerCall: .max),
        prices(cached: -1, calls: 10), prices(cached: 10, calls: -1),
    ])
    func numbersThatMakeNoSenseSaveNothing(prices: SwitchPrices) {
        #expect(prices.saving <= 0)
    }
}
