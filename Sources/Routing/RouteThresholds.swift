/// From which score on a tier is taken: below `balanced` it is `fast`, from `best` on `best`.
package struct RouteThresholds: Hashable, Sendable {
    package let balanced: Double
    package let best: Double

    /// `nil` where a number is not between 0 and 1, or `best` comes before `balanced`. Equal thresholds leave `balanced` out;
    /// 1 is never reached, so that it leaves out the tiers from there on.
    package init?(balanced: Double, best: Double) {
        guard (0...1).contains(balanced), (0...1).contains(best), balanced <= best else { return nil }
        self.balanced = balanced
        self.best = best
    }

    private init(_ balanced: Double, _ best: Double) {
        self.balanced = balanced
        self.best = best
    }

    /// As fits the company's requests best; docs/router.md has what share goes where by them.
    package static let standard = RouteThresholds(0.2, 0.85)

    package func tier(_ score: Double) -> RouteTier {
        score >= best ? .best : score >= balanced ? .balanced : .fast
    }
}
