package import Model
internal import Synchronization

/// So many calls a minute for all turns together, of those that nobody has to wait for: what is over is left out and not
/// queued, so that answers find their way free. A third of what Slack allows, and of reactions what can be taken off again.
package final class CallBudget: Sendable {
    /// https://docs.slack.dev/apis/web-api/rate-limits: chat.postMessage about one a second, chat.update 50 a minute,
    /// startStream 20, appendStream 100, conversations.replies 50; reactions.add 50, but reactions.remove 20.
    package enum Kind: Hashable, CaseIterable {
        case progress, stream, append, status, reaction
        /// Whether there still is a thread to post to.
        case look

        var perMinute: Double {
            switch self {
            case .progress, .status, .look: 17
            case .reaction: 15
            case .stream: 6
            case .append: 33
            }
        }
    }

    private struct Bucket {
        var tokens: Double
        var at: Timestamp
    }

    private let buckets = Mutex<[Kind: Bucket]>([:])

    package init() {}

    /// False where it is not to be done now.
    package func take(_ kind: Kind, at now: Timestamp) -> Bool {
        buckets.withLock { buckets in
            var bucket = buckets[kind] ?? Bucket(tokens: kind.perMinute, at: now)
            let minutes = Double(max(0, now.milliseconds - bucket.at.milliseconds)) / 60_000
            bucket.tokens = min(kind.perMinute, bucket.tokens + minutes * kind.perMinute)
            bucket.at = now
            let isThere = bucket.tokens >= 1
            if isThere { bucket.tokens -= 1 }
            buckets[kind] = bucket
            return isThere
        }
    }
}
