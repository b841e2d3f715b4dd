internal import Glibc

/// Whether and when to ask a provider again. Pure: the caller waits.
/// Rules of the official clients: https://github.com/anthropics/anthropic-sdk-python/blob/main/src/anthropic/_base_client.py
struct RetryPolicy: Sendable {
    var maximumRetries: Int
    var longestWait: Duration

    enum Decision: Hashable, Sendable {
        case retry(after: Duration)
        case giveUp
    }

    struct Failure: Sendable {
        /// `nil`: no answer came at all (unreachable, connection lost, time-out).
        var status: Int?
        /// For `status == nil`. After a time-out people have waited long enough.
        var mayAskAgain = true
        /// The values of `x-should-retry`, `retry-after-ms` and `retry-after`.
        var shouldRetry: String?
        var retryAfterMilliseconds: String?
        var retryAfter: String?
        /// `error.details.error_code`.
        var errorCode: String?
    }

    /// `retries` counts those made before. `now` is in seconds since 1970, for a `retry-after` that is a date.
    func decide(_ failure: Failure, retries: Int, now: Int64) -> Decision {
        guard retries < maximumRetries, isWorthwhile(failure) else { return .giveUp }
        guard let told = toldWait(failure, now: now) else { return .retry(after: backoff(retries)) }
        // Asking earlier than told is wrong, and a person does not wait that long.
        return told <= longestWait ? .retry(after: told) : .giveUp
    }

    /// Whether the same request may succeed another time.
    func isWorthwhile(_ failure: Failure) -> Bool {
        guard let status = failure.status else { return failure.mayAskAgain }
        // Asking again cannot help: the request, the key or the account is at fault.
        if [400, 401, 402, 413].contains(status) { return false }
        if status == 429, failure.errorCode == "enforced_spend_limit_reached" { return false }
        switch failure.shouldRetry?.lowercased() {
        case "true": return true
        case "false": return false
        default: return [408, 409, 429].contains(status) || status >= 500
        }
    }

    /// 0.5 s, doubling up to 8 s.
    private func backoff(_ retries: Int) -> Duration {
        .milliseconds(500 << min(max(retries, 0), 4))
    }

    private func toldWait(_ failure: Failure, now: Int64) -> Duration? {
        if let text = failure.retryAfterMilliseconds, let value = Double(text), value >= 0, value < 1e9 {
            return .milliseconds(Int64(value.rounded(.up)))
        }
        guard let text = failure.retryAfter else { return nil }
        if let value = Double(text) {
            return value >= 0 && value < 1e7 ? .milliseconds(Int64((value * 1000).rounded(.up))) : nil
        }
        return Self.seconds(ofDate: text).map { .seconds(max(0, $0 - now)) }
    }

    /// `Sun, 06 Nov 1994 08:49:37 GMT`, in seconds since 1970. https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7
    static func seconds(ofDate text: String) -> Int64? {
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let words = text.split(separator: " ")
        guard words.count == 6, words[5] == "GMT", let day = Int32(words[1]), let year = Int32(words[3]),
            let month = months.firstIndex(of: String(words[2])), (1...31).contains(day), (1970...9999).contains(year)
        else { return nil }
        let time = words[4].split(separator: ":").compactMap { Int32($0) }
        guard time.count == 3, time.allSatisfy({ (0...60).contains($0) }) else { return nil }
        var parts = tm()
        (parts.tm_year, parts.tm_mon, parts.tm_mday) = (year - 1900, Int32(month), day)
        (parts.tm_hour, parts.tm_min, parts.tm_sec) = (time[0], time[1], time[2])
        return Int64(timegm(&parts))
    }
}
