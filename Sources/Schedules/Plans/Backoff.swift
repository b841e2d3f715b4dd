/// How long to wait before a run that failed is tried again.
package struct Backoff: Hashable, Sendable, Codable {
    package static let standard = Backoff(first: 60, factor: 2, longest: 3600, attempts: 3)

    /// Seconds before the first repetition.
    package var first: Int
    package var factor: Int
    /// Seconds that no wait exceeds, its spread aside.
    package var longest: Int
    /// How many repetitions there are at most; 0 for none.
    package var attempts: Int

    package init(first: Int, factor: Int, longest: Int, attempts: Int) {
        self.first = first
        self.factor = factor
        self.longest = longest
        self.attempts = attempts
    }

    /// Before repetition `attempt`, counted from 1; `nil` where there is to be none. Spread by up to a tenth, by the run's id, so
    /// that what failed together does not come back together.
    package func delay(before attempt: Int, run: String) -> Duration? {
        guard attempt >= 1, attempt <= attempts else { return nil }
        var seconds = max(1, first)
        for _ in 1..<attempt {
            let (product, overflow) = seconds.multipliedReportingOverflow(by: max(1, factor))
            guard !overflow, product < longest else {
                seconds = max(1, longest)
                break
            }
            seconds = product
        }
        seconds = min(seconds, max(1, longest))
        return .seconds(seconds) + Jitter.delay(of: "\(run)/\(attempt)", upTo: .milliseconds(seconds * 100))
    }
}
