/// Whether a session that runs changes its tier before its next model call.
package enum TierSwitch: Hashable, Sendable {
    case stay(String)
    case raise(to: RouteTier, String)
    case lower(to: RouteTier, String)

    /// How much evidence is enough.
    package struct Limits: Hashable, Sendable {
        package var malformedCalls = 2
        package var repeatedFailures = 3
        package var openSteps = 12
        package var goodTurns = 3

        package init() {}
    }

    /// Up by one tier on evidence, whatever a cache is worth: an answer that is wrong is the dearest. Down by one, and never
    /// below where the router began, after turns that went well, and only where that saves money: a warm cache is given up
    /// for more than it is worth alone. A tier the person asked for stays.
    ///
    /// - Parameters:
    ///   - started: What the router chose for this turn, after policy.
    ///   - isRequested: Whether a person asked for the current tier.
    ///   - prices: What coming down would save; `nil` where that is not known, and then nothing comes down.
    package static func decide(
        current: RouteTier, started: RouteTier, ceiling: RouteTier, isRequested: Bool, evidence: TierEvidence,
        prices: SwitchPrices?, limits: Limits = Limits()
    ) -> TierSwitch {
        if current > ceiling { return .lower(to: ceiling, "policy gives \(ceiling.rawValue) at most") }
        if isRequested { return .stay("\(current.rawValue) was asked for") }
        if let reason = complaint(evidence, limits) {
            guard current < ceiling else { return .stay("\(reason), but there is no stronger tier to be had here") }
            return .raise(to: current.raised, reason)
        }
        guard current > started else { return .stay("nothing speaks for another tier") }
        guard evidence.goodTurns >= limits.goodTurns else {
            return .stay("\(evidence.goodTurns) of \(limits.goodTurns) turns went well since it was raised")
        }
        guard let prices else { return .stay("what coming down would save is not known") }
        guard prices.saving > 0 else { return .stay("the warm cache is worth more than a cheaper tier saves") }
        return .lower(to: current.lowered, "\(evidence.goodTurns) turns went well")
    }

    /// The first thing that speaks for a stronger tier.
    private static func complaint(_ evidence: TierEvidence, _ limits: Limits) -> String? {
        if evidence.wasToldWrong { return "the person said that it is wrong" }
        if evidence.malformedCalls >= limits.malformedCalls {
            return "\(evidence.malformedCalls) malformed tool calls"
        }
        if evidence.repeatedFailures >= limits.repeatedFailures {
            return "the same tool failed \(evidence.repeatedFailures) times in a row"
        }
        if evidence.openSteps > limits.openSteps { return "a plan of \(evidence.openSteps) open steps" }
        return nil
    }
}
