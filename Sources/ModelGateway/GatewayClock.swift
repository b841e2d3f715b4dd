package import Model

/// Time as the gateway needs it: what the time is, how long things take, and waiting. Injected, so that tests of retries
/// and slow models take no time.
package struct GatewayClock: Sendable {
    package let now: @Sendable () -> Timestamp
    package let uptime: @Sendable () -> Duration
    package let sleep: @Sendable (Duration) async throws -> Void

    package init(
        now: @escaping @Sendable () -> Timestamp, uptime: @escaping @Sendable () -> Duration,
        sleep: @escaping @Sendable (Duration) async throws -> Void
    ) {
        self.now = now
        self.uptime = uptime
        self.sleep = sleep
    }

    package static let system: GatewayClock = {
        let origin = ContinuousClock.now
        return GatewayClock(
            now: WallClock.system.now, uptime: { ContinuousClock.now - origin },
            sleep: { try await ContinuousClock().sleep(for: $0) })
    }()
}
