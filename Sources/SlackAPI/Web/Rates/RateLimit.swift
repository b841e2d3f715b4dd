/// At most `calls` within any `window`: how Slack counts.
package struct RateLimit: Hashable, Sendable {
    package let calls: Int
    package let window: Duration
    /// How long a call counts with us. Slack counts when calls arrive, we when they go out: the one may be late and the next
    /// not.
    package var span: Duration { window + window / 20 }

    package init(calls: Int, window: Duration) {
        self.calls = max(1, calls)
        self.window = window
    }

    /// Slack's tiers (https://docs.slack.dev/apis/web-api/rate-limits), for one app in one workspace.
    package static let tier1 = RateLimit(calls: 1, window: .seconds(60))
    package static let tier2 = RateLimit(calls: 20, window: .seconds(60))
    package static let tier3 = RateLimit(calls: 50, window: .seconds(60))
    package static let tier4 = RateLimit(calls: 100, window: .seconds(60))
    /// For methods of the special tier, of which Slack names no number but hundreds a minute.
    package static let special = RateLimit(calls: 300, window: .seconds(60))
    /// Messages into one channel: one a second, with short bursts.
    package static let posts = RateLimit(calls: 5, window: .seconds(5))
}

/// What calls of one kind have used of their limit. A value: the caller supplies the time and does the waiting.
package struct RateWindow: Sendable {
    let limit: RateLimit
    /// When calls of the last window went out, oldest first.
    private var calls: [ContinuousClock.Instant] = []
    private var closedUntil: ContinuousClock.Instant?

    package init(_ limit: RateLimit) { self.limit = limit }

    /// When the next call may go out; the past means now.
    package func next(_ now: ContinuousClock.Instant) -> ContinuousClock.Instant {
        var next = now
        if calls.count >= limit.calls { next = max(next, calls[calls.count - limit.calls] + limit.span) }
        if let closedUntil { next = max(next, closedUntil) }
        return next
    }

    package mutating func take(_ now: ContinuousClock.Instant) {
        forget(now)
        calls.append(now)
    }

    /// Slack said so. What it said before holds too, if it is later.
    package mutating func close(until: ContinuousClock.Instant) {
        closedUntil = max(until, closedUntil ?? until)
    }

    /// Whether nothing of the past matters any more.
    package mutating func isFresh(_ now: ContinuousClock.Instant) -> Bool {
        forget(now)
        return calls.isEmpty && (closedUntil ?? now) <= now
    }

    private mutating func forget(_ now: ContinuousClock.Instant) {
        let oldest = now - limit.span
        calls.removeAll { $0 <= oldest }
    }
}
