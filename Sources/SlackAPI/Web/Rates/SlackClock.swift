/// Time as calls and connections need it, injected so that tests of waiting take none.
package struct SlackClock: Sendable {
    package let now: @Sendable () -> ContinuousClock.Instant
    package let sleep: @Sendable (ContinuousClock.Instant) async throws -> Void

    package init(
        now: @escaping @Sendable () -> ContinuousClock.Instant,
        sleep: @escaping @Sendable (ContinuousClock.Instant) async throws -> Void
    ) {
        self.now = now
        self.sleep = sleep
    }

    package static let system = SlackClock(
        now: { ContinuousClock.now }, sleep: { try await ContinuousClock().sleep(until: $0) })

    func sleep(for duration: Duration) async throws { try await sleep(now() + duration) }
}

/// Waits between tries: doubling from `first` to `longest`, each drawn from its upper half, so that many who failed
/// together do not come back together.
package struct Backoff: Hashable, Sendable {
    package var first: Duration
    package var longest: Duration

    package init(first: Duration, longest: Duration) {
        self.first = first
        self.longest = longest
    }

    /// Before try number `attempt`, of which 1 is the first repetition.
    package func wait(before attempt: Int, random: Double = .random(in: 0...1)) -> Duration {
        // Forty doublings outgrow every limit.
        let wait = first * Int(1 << min(max(attempt, 1) - 1, 40))
        return min(wait, longest) * (0.5 + 0.5 * min(max(random, 0), 1))
    }
}
