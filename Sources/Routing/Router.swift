internal import Glibc

/// Chooses the tier a turn starts with: a pure function of what is seen of the text and of the session. No model is asked,
/// and no sentence in a text decides, only what its features are worth; a tier is asked for outside of the text.
package struct Router: Sendable {
    package var weights: RouterWeights
    package var thresholds: RouteThresholds

    package init(weights: RouterWeights = .trained, thresholds: RouteThresholds = .standard) {
        self.weights = weights
        self.thresholds = thresholds
    }

    package func decide(_ text: String, _ session: SessionFeatures = SessionFeatures()) -> RouteDecision {
        decide(TextFeatures(text), session)
    }

    package func decide(_ text: TextFeatures, _ session: SessionFeatures) -> RouteDecision {
        var parts = zip(TextFeature.allCases, zip(text.values, weights.weights)).map { feature, pair in
            RouteDecision.Part(words: feature.words, shift: pair.0 * pair.1)
        }
        parts += SessionEffect.all(session).map { RouteDecision.Part(words: $0.words, shift: $0.shift) }
        if let part = continued(text, session, own: Self.sum(parts) + weights.intercept) { parts.append(part) }
        let score = Self.score(weights.intercept + Self.sum(parts))
        parts = parts.filter { abs($0.shift) >= 0.05 }.sorted { abs($0.shift) > abs($1.shift) }
        let (tier, note) = chosen(thresholds.tier(score), session)
        return RouteDecision(
            tier: tier, score: score, parts: parts, note: note, text: text, session: session,
            version: RouterWeights.version)
    }

    /// A short follow-up ("and for March?") says little of itself: it goes on from the conversation, the less so the more
    /// it says. A courtesy ends what was.
    private func continued(_ text: TextFeatures, _ session: SessionFeatures, own: Double) -> RouteDecision.Part? {
        guard let previous = session.previousScore, text[.courtesy] == 0, previous > 0, previous < 1 else { return nil }
        let before = log(previous / (1 - previous))
        let share = max(0, 1 - Double(text.words) / 20) * 0.7
        guard before > own, share > 0 else { return nil }
        return RouteDecision.Part(words: "goes on from what was said before", shift: (before - own) * share)
    }

    private func chosen(_ tier: RouteTier, _ session: SessionFeatures) -> (RouteTier, String?) {
        if let requested = session.requested {
            guard requested > session.ceiling else { return (requested, "\(requested.rawValue) was asked for.") }
            return (
                session.ceiling,
                "\(requested.rawValue) was asked for; policy gives \(session.ceiling.rawValue) at most."
            )
        }
        guard tier > session.ceiling else { return (tier, nil) }
        return (session.ceiling, "Policy gives \(session.ceiling.rawValue) at most.")
    }

    private static func sum(_ parts: [RouteDecision.Part]) -> Double { parts.reduce(0) { $0 + $1.shift } }

    /// Kept from 0 and 1, so that it can be turned back.
    private static func score(_ sum: Double) -> Double { 1 / (1 + exp(-max(-30, min(30, sum)))) }
}
