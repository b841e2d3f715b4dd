package import Model

/// Time and chance as this surface needs them, injected so that tests of waiting take none.
package struct SlackTime: Sendable {
    package let now: @Sendable () -> Timestamp
    package let sleep: @Sendable (Duration) async throws -> Void
    /// From 0 to 1.
    package let jitter: @Sendable () -> Double

    package init(
        now: @escaping @Sendable () -> Timestamp, sleep: @escaping @Sendable (Duration) async throws -> Void,
        jitter: @escaping @Sendable () -> Double = { .random(in: 0...1) }
    ) {
        self.now = now
        self.sleep = sleep
        self.jitter = jitter
    }

    package static let system = SlackTime(
        now: WallClock.system.now, sleep: { try await ContinuousClock().sleep(for: $0) })
}
