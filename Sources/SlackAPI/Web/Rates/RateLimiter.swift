/// Lets calls out at the rate Slack takes them, in the order they came; all callers share what Slack said of a rate.
package actor RateLimiter {
    /// Calls that are counted together: those of a method, or of a method in one channel.
    package struct Bucket: Hashable, Sendable {
        package var method: String
        package var channel: String?

        package init(method: String, channel: String? = nil) {
            self.method = method
            self.channel = channel
        }
    }

    /// At most so many wait in one bucket; the next is refused.
    private let longestQueue: Int
    private let clock: SlackClock
    private var lanes: [Bucket: Lane] = [:]
    private var lastTicket: UInt64 = 0

    private struct Lane {
        var window: RateWindow
        /// The first one sleeps until its time; the others until they are first.
        var queue: [UInt64] = []
        var waiting: [UInt64: CheckedContinuation<Void, Never>] = [:]
    }

    package init(longestQueue: Int = 256, clock: SlackClock = .system) {
        self.longestQueue = longestQueue
        self.clock = clock
    }

    /// Returns when the call may go out, and counts it. Throws `SlackError` (transient) at once where that would be after
    /// `deadline` or too many wait; `CancellationError` where the task is cancelled, whose place the next one gets.
    package func enter(_ bucket: Bucket, _ limit: RateLimit, until deadline: ContinuousClock.Instant) async throws {
        forgetOld()
        guard lanes[bucket]?.queue.count ?? 0 < longestQueue else {
            throw SlackError(
                .transient, "too_many_waiting", method: bucket.method,
                "\(longestQueue) calls wait for their turn already.", retryAfter: limit.window)
        }
        lastTicket += 1
        let ticket = lastTicket
        lanes[bucket, default: Lane(window: RateWindow(limit))].queue.append(ticket)
        defer { leave(bucket, ticket) }
        while true {
            try Task.checkCancellation()
            guard isFirst(bucket, ticket) else {
                await turn(bucket, ticket)
                continue
            }
            let now = clock.now()
            let next = lanes[bucket]?.window.next(now) ?? now
            if next <= now {
                lanes[bucket]?.window.take(now)
                return
            }
            guard next <= deadline else {
                throw SlackError(
                    .transient, "ratelimited", method: bucket.method, "Slack's rate for this is used up for now.",
                    retryAfter: next - now)
            }
            // Woken too early where the window was closed for longer meanwhile: then once more.
            try await clock.sleep(next)
        }
    }

    /// Slack answered 429: nobody calls before that.
    package func close(_ bucket: Bucket, _ limit: RateLimit, for pause: Duration) {
        lanes[bucket, default: Lane(window: RateWindow(limit))].window.close(until: clock.now() + pause)
    }

    package func waiting(_ bucket: Bucket) -> Int { lanes[bucket]?.queue.count ?? 0 }

    private func isFirst(_ bucket: Bucket, _ ticket: UInt64) -> Bool { lanes[bucket]?.queue.first == ticket }

    private func turn(_ bucket: Bucket, _ ticket: UInt64) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                // Cancelled, or first, before it could wait.
                if Task.isCancelled || isFirst(bucket, ticket) {
                    continuation.resume()
                } else {
                    lanes[bucket]?.waiting[ticket] = continuation
                }
            }
        } onCancel: {
            Task { await self.wake(bucket, ticket) }
        }
    }

    private func wake(_ bucket: Bucket, _ ticket: UInt64) {
        lanes[bucket]?.waiting.removeValue(forKey: ticket)?.resume()
    }

    private func leave(_ bucket: Bucket, _ ticket: UInt64) {
        lanes[bucket]?.queue.removeAll { $0 == ticket }
        if let first = lanes[bucket]?.queue.first { wake(bucket, first) }
    }

    /// Channels come and go: a lane that is empty and fresh is made anew when it is needed.
    private func forgetOld() {
        guard lanes.count > 1000 else { return }
        let now = clock.now()
        lanes = lanes.filter { _, lane in
            var window = lane.window
            return !(lane.queue.isEmpty && window.isFresh(now))
        }
    }
}
