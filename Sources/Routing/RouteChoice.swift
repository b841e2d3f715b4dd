/// Who gets which tier, as the operator decided it.
package struct RoutePolicy: Hashable, Sendable {
    package var thresholds: RouteThresholds
    /// A candidate on trial: what it says is kept beside each decision, and acted on by nobody.
    package var shadow: RouteThresholds?
    /// The dearest tier that is given without being asked for.
    package var highest: RouteTier
    /// Whether a budget at its throttle level leaves those alone who asked for a tier by name.
    package var sparesRequests: Bool

    package init(
        thresholds: RouteThresholds = .standard, shadow: RouteThresholds? = nil, highest: RouteTier = .best,
        sparesRequests: Bool = true
    ) {
        self.thresholds = thresholds
        self.shadow = shadow
        self.highest = highest
        self.sparesRequests = sparesRequests
    }
}

/// What a session had before the turn that begins.
package struct RouteHistory: Hashable, Sendable {
    /// The tier of the turn before, in the same session or the conversation; `nil`: there was none.
    package var tier: RouteTier?
    package var evidence = TierEvidence()
    /// What another tier would save; `nil` where nothing of the session is in a cache any more.
    package var prices: (@Sendable (RouteTier, RouteTier) -> SwitchPrices?)?

    package init() {}

    package static func == (left: Self, right: Self) -> Bool {
        left.tier == right.tier && left.evidence == right.evidence
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(tier)
        hasher.combine(evidence)
    }
}

/// The tier a turn starts with, and how that came about: the router's word, what people asked for as far as they may, what the
/// session has shown, and what the budget allows, in this order. Pure.
package struct RouteChoice: Hashable, Sendable {
    package var decision: RouteDecision
    /// By the score alone.
    package var routed: RouteTier
    package var tier: RouteTier
    /// The dearest it may be raised to while it runs.
    package var ceiling: RouteTier
    package var isRequested: Bool
    package var isThrottled: Bool
    package var shadow: RouteTier?
    /// In sentences for people.
    package var reason: String

    /// - Parameters:
    ///   - requested: What the message asked for, outside of its text.
    ///   - mayAsk: Whether policy gives its author what they ask for; else they get no more than the router gives.
    ///   - isThrottled: A budget has reached its throttle level.
    package init(
        _ text: TextFeatures, _ session: SessionFeatures, requested: RouteTier?, mayAsk: Bool, isThrottled: Bool,
        history: RouteHistory, policy: RoutePolicy
    ) {
        let router = Router(thresholds: policy.thresholds)
        var plain = session
        (plain.requested, plain.ceiling) = (nil, policy.highest)
        let base = router.decide(text, plain)
        var decision = base
        if let requested {
            (plain.requested, plain.ceiling) = (requested, mayAsk ? .best : base.tier)
            decision = router.decide(text, plain)
        }
        self.decision = decision
        routed = policy.thresholds.tier(base.score)
        shadow = policy.shadow?.tier(base.score)
        isRequested = requested != nil && decision.tier == requested
        tier = decision.tier
        // Work that starts cheap because nobody waits for it goes on with what it turns out to need.
        let isStart = session.task == .scheduled && decision.tier == .fast
        ceiling = isRequested && !isStart ? decision.tier : policy.highest
        if isStart { isRequested = false }
        reason = decision.reason
        self.isThrottled = false
        if !isRequested, !isStart { goOn(from: history) }
        if isThrottled, !(isRequested && policy.sparesRequests), tier > .fast {
            reason += " A budget is nearly used up, so it runs one tier lower, at \(tier.lowered.rawValue)."
            tier = tier.lowered
            ceiling = tier
            self.isThrottled = true
        }
    }

    private mutating func goOn(from history: RouteHistory) {
        guard let current = history.tier else { return }
        let prices = history.prices?(current, current.lowered)
        // Without anything in a cache, coming down costs nothing: the router's word is enough.
        guard history.evidence.wasToldWrong || (current > tier && prices != nil) else { return }
        let from = max(current, tier)
        switch TierSwitch.decide(
            current: from, started: tier, ceiling: ceiling, isRequested: false, evidence: history.evidence,
            prices: prices)
        {
        case .stay(let why):
            if from != tier { reason += " It stays at \(from.rawValue): \(why)." }
            tier = from
        case .raise(let to, let why), .lower(let to, let why):
            reason += " It goes from \(from.rawValue) to \(to.rawValue): \(why)."
            tier = to
        }
    }
}
