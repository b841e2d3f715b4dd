/// What tokens cost, by kind: millionths of a US dollar per million tokens, so that $3 per million is 3_000_000.
package struct TokenRates: Hashable, Sendable {
    package var input: Int64
    package var output: Int64
    package var cacheRead: Int64
    package var cacheWrite5m: Int64
    package var cacheWrite1h: Int64

    package init(input: Int64, output: Int64, cacheRead: Int64, cacheWrite5m: Int64, cacheWrite1h: Int64) {
        self.input = input
        self.output = output
        self.cacheRead = cacheRead
        self.cacheWrite5m = cacheWrite5m
        self.cacheWrite1h = cacheWrite1h
    }

    static let free = TokenRates(input: 0, output: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0)

    /// Millionths of a dollar, rounded up: the books never show less than the bill.
    func microdollars(for usage: TokenUsage) -> Int64 {
        var total: Int64 = 0
        for (count, price) in [
            (usage.input, input), (usage.output, output), (usage.cacheRead, cacheRead),
            (usage.cacheWrite5m, cacheWrite5m), (usage.cacheWrite1h, cacheWrite1h),
        ] {
            let (product, overflow) = max(0, count).multipliedReportingOverflow(by: max(0, price))
            let (sum, overflowToo) = total.addingReportingOverflow(overflow ? .max : product)
            total = overflow || overflowToo ? .max : sum
        }
        return total / 1_000_000 + (total % 1_000_000 == 0 ? 0 : 1)
    }

    /// The higher of each.
    func most(_ other: TokenRates) -> TokenRates {
        TokenRates(
            input: max(input, other.input), output: max(output, other.output),
            cacheRead: max(cacheRead, other.cacheRead), cacheWrite5m: max(cacheWrite5m, other.cacheWrite5m),
            cacheWrite1h: max(cacheWrite1h, other.cacheWrite1h))
    }
}

/// What one model costs at one time.
package struct ModelPrice: Hashable, Sendable {
    package var rates: TokenRates
    /// Of calls with more input than that, cached included: all of such a call costs these rates.
    package var long: Long?

    package struct Long: Hashable, Sendable {
        package var above: Int64
        package var rates: TokenRates

        package init(above: Int64, rates: TokenRates) {
            self.above = above
            self.rates = rates
        }
    }

    package init(_ rates: TokenRates, long: Long? = nil) {
        self.rates = rates
        self.long = long
    }

    package static let free = ModelPrice(.free)

    /// Millionths of a dollar, rounded up.
    package func microdollars(for usage: TokenUsage) -> Int64 {
        guard let long, usage.input + usage.cacheRead + usage.cacheWrite > long.above else {
            return rates.microdollars(for: usage)
        }
        return long.rates.microdollars(for: usage)
    }
}
