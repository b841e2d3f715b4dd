internal import Model
internal import Synchronization

/// Refused sign-ins on their way to the audit. Whoever reaches the port can be refused as often as they like: ten are
/// recorded at once, then one a minute, each with how many came since the last. So a day has at most some 1,450 rows.
struct RefusalBudget: Sendable {
    static let burst = 10
    static let pause = Duration.seconds(60)

    private var left = burst
    private var refilled: Timestamp?
    private var untold = 0

    /// How many to record now, this one included; `nil`: this one is only counted.
    mutating func take(at now: Timestamp) -> Int? {
        refill(at: now)
        untold += 1
        guard left > 0 else { return nil }
        left -= 1
        return drain()
    }

    /// How many were only counted so far.
    mutating func drain() -> Int {
        defer { untold = 0 }
        return untold
    }

    private mutating func refill(at now: Timestamp) {
        guard let before = refilled, before <= now else {
            // The first, or the clock was put back.
            refilled = now
            return
        }
        let minutes = Int(now.duration(since: before) / Self.pause)
        guard minutes > 0 else { return }
        left = min(Self.burst, left + min(minutes, Self.burst))
        refilled = left == Self.burst ? now : before.advanced(by: Self.pause * minutes)
    }
}

final class RefusedLogins: Sendable {
    private let budget = Mutex(RefusalBudget())

    func take(at now: Timestamp) -> Int? { budget.withLock { $0.take(at: now) } }

    func drain() -> Int { budget.withLock { $0.drain() } }
}
