package import Model

/// How long is waited between tries, and when a delivery is given up.
package struct DeliveryPatience: Sendable {
    package var first: Duration = .seconds(1)
    package var longest: Duration = .seconds(3600)
    /// From when it was said.
    package var total: Duration = .seconds(48 * 3600)

    package init() {}

    /// Before the next try, after `attempts` of them have failed: doubled each time, a quarter of it drawn by lot (`jitter`
    /// from 0 to 1), so that what failed together does not come back together; and never sooner than Slack asks.
    package func wait(after attempts: Int, atLeast: Duration?, jitter: Double) -> Duration {
        var wait = first
        for _ in 1..<max(attempts, 1) where wait < longest { wait = wait * 2 }
        wait = min(wait, longest) * (1 - 0.25 * min(max(jitter, 0), 1))
        return max(wait, atLeast ?? .zero, first)
    }

    /// Whether the next try, at `time`, would come too late.
    package func isOver(at time: Timestamp, of created: Timestamp) -> Bool {
        time.duration(since: created) > total
    }
}
