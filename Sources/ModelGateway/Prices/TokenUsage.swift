internal import MCP

/// What a call used, as the provider reported it. Input, cache reads and cache writes do not overlap.
package struct TokenUsage: Hashable, Sendable {
    package var input: Int64 = 0
    package var output: Int64 = 0
    package var cacheRead: Int64 = 0
    package var cacheWrite5m: Int64 = 0
    package var cacheWrite1h: Int64 = 0

    /// Some of it was not reported but counted from what passed: close to the bill, and not the bill.
    package var isEstimated = false

    package var cacheWrite: Int64 { cacheWrite5m + cacheWrite1h }

    package init(
        input: Int64 = 0, output: Int64 = 0, cacheRead: Int64 = 0, cacheWrite5m: Int64 = 0, cacheWrite1h: Int64 = 0,
        isEstimated: Bool = false
    ) {
        self.isEstimated = isEstimated
        self.input = input
        self.output = output
        self.cacheRead = cacheRead
        self.cacheWrite5m = cacheWrite5m
        self.cacheWrite1h = cacheWrite1h
    }

    static func + (left: Self, right: Self) -> Self {
        TokenUsage(
            input: left.input + right.input, output: left.output + right.output,
            cacheRead: left.cacheRead + right.cacheRead, cacheWrite5m: left.cacheWrite5m + right.cacheWrite5m,
            cacheWrite1h: left.cacheWrite1h + right.cacheWrite1h,
            isEstimated: left.isEstimated || right.isEstimated)
    }

    /// Takes over what a `usage` object says. A stream's figures are cumulative, so a later one replaces an earlier one,
    /// and what it leaves out stays.
    mutating func update(from usage: JSONValue?) {
        guard let usage = usage?.objectValue else { return }
        // A word of the gateway's own, in answers that it translated.
        isEstimated = usage["estimated"]?.boolValue ?? false
        if let count = Self.count(usage["input_tokens"]) { input = count }
        if let count = Self.count(usage["output_tokens"]) { output = count }
        if let count = Self.count(usage["cache_read_input_tokens"]) { cacheRead = count }
        let parts = usage["cache_creation"]
        let hour = Self.count(parts?["ephemeral_1h_input_tokens"])
        let minutes = Self.count(parts?["ephemeral_5m_input_tokens"])
        if hour != nil || minutes != nil {
            cacheWrite1h = hour ?? 0
            cacheWrite5m = minutes ?? 0
        }
        // The sum alone, or a sum above its parts: what is not accounted for is billed at the shorter life's price,
        // which is the default.
        if let total = Self.count(usage["cache_creation_input_tokens"]), total != cacheWrite {
            cacheWrite1h = min(cacheWrite1h, total)
            cacheWrite5m = total - cacheWrite1h
        }
    }

    /// Within bounds that no arithmetic on it can overflow: a provider's nonsense must not end the process.
    private static func count(_ value: JSONValue?) -> Int64? {
        guard let count = value?.intValue else { return nil }
        return min(max(count, 0), 1_000_000_000)
    }
}
