/// What turns that were run would have cost with other thresholds: the same tokens, at the prices of the tier that each would
/// have had. A stronger model may need fewer tokens and a weaker one more: it is an estimate, and says nothing of how good the
/// answers would have been.
package enum RouteReplay {
    package struct Turn: Hashable, Sendable {
        package var score: Double
        /// What it ran with.
        package var tier: RouteTier
        /// Somebody asked for its tier, or a budget gave it: thresholds did not decide.
        package var isFixed: Bool
        package var input: Int64
        package var cacheRead: Int64
        package var cacheWrite: Int64
        package var output: Int64
        /// What it did cost, in millionths of a US dollar.
        package var microdollars: Int64

        package init(
            score: Double, tier: RouteTier, isFixed: Bool, input: Int64, cacheRead: Int64, cacheWrite: Int64,
            output: Int64, microdollars: Int64
        ) {
            self.score = score
            self.tier = tier
            self.isFixed = isFixed
            self.input = input
            self.cacheRead = cacheRead
            self.cacheWrite = cacheWrite
            self.output = output
            self.microdollars = microdollars
        }
    }

    package struct Share: Hashable, Sendable {
        package var turns = 0
        package var microdollars: Int64 = 0

        package init() {}
    }

    /// By tier. A turn whose tier would be another one costs what its tokens cost there; where that price is not known, what it
    /// did cost.
    package static func shares(
        of turns: [Turn], with thresholds: RouteThresholds, highest: RouteTier,
        prices: [RouteTier: SwitchPrices.Model]
    ) -> [RouteTier: Share] {
        turns.reduce(into: [:]) { shares, turn in
            let tier = turn.isFixed ? turn.tier : min(highest, thresholds.tier(turn.score))
            var cost = turn.microdollars
            if tier != turn.tier, let price = prices[tier] { cost = microdollars(turn, at: price) }
            shares[tier, default: Share()].turns += 1
            shares[tier, default: Share()].microdollars += cost
        }
    }

    private static func microdollars(_ turn: Turn, at price: SwitchPrices.Model) -> Int64 {
        let sum = [
            (turn.input, price.input), (turn.cacheRead, price.cacheRead), (turn.cacheWrite, price.cacheWrite),
            (turn.output, price.output),
        ].reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        return Int64((sum / 1_000_000).rounded(.up))
    }
}
