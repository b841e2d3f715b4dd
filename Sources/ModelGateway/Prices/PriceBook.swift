/// Prices of one model in millionths of a US dollar per million tokens: $3 per million is 3_000_000.
package struct ModelPrice: Hashable, Sendable {
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

    /// Anthropic's usual ratios: a cache read costs a tenth of the input, a write a quarter more (5 minutes) or twice
    /// (1 hour). https://docs.claude.com/en/docs/build-with-claude/prompt-caching
    package init(dollarsPerMillionInput input: Double, output: Double) {
        func micro(_ dollars: Double) -> Int64 { Int64((dollars * 1_000_000).rounded()) }
        self.init(
            input: micro(input), output: micro(output), cacheRead: micro(input / 10), cacheWrite5m: micro(input * 1.25),
            cacheWrite1h: micro(input * 2))
    }

    package static let free = ModelPrice(input: 0, output: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0)

    /// Millionths of a dollar, rounded up: the books never show less than the bill.
    package func microdollars(for usage: TokenUsage) -> Int64 {
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
}

/// What models cost. A model is found by its own name or by the longest listed name it begins with (providers append
/// dates); one that is not listed is priced as the dearest that is, never as free.
package struct PriceBook: Sendable {
    package var prices: [String: ModelPrice]

    package init(prices: [String: ModelPrice]) {
        self.prices = prices
    }

    package func price(of model: String) -> ModelPrice {
        if let price = prices[model] { return price }
        let family = prices.keys.filter { model.hasPrefix($0 + "-") || model.hasPrefix($0 + "@") }
            .max { $0.utf8.count < $1.utf8.count }
        if let family, let price = prices[family] { return price }
        return dearest
    }

    /// The highest price of each kind of token.
    package var dearest: ModelPrice {
        prices.values.reduce(.free) { most, price in
            ModelPrice(
                input: max(most.input, price.input), output: max(most.output, price.output),
                cacheRead: max(most.cacheRead, price.cacheRead),
                cacheWrite5m: max(most.cacheWrite5m, price.cacheWrite5m),
                cacheWrite1h: max(most.cacheWrite1h, price.cacheWrite1h))
        }
    }

    /// Published list prices of the models the default tiers name, and of their families.
    package static let standard = PriceBook(prices: [
        "claude-haiku-4-5": ModelPrice(dollarsPerMillionInput: 1, output: 5),
        "claude-sonnet-4-5": ModelPrice(dollarsPerMillionInput: 3, output: 15),
        "claude-sonnet-4-6": ModelPrice(dollarsPerMillionInput: 3, output: 15),
        "claude-opus-4-5": ModelPrice(dollarsPerMillionInput: 5, output: 25),
        "claude-opus-4-6": ModelPrice(dollarsPerMillionInput: 5, output: 25),
        "claude-opus-4-1": ModelPrice(dollarsPerMillionInput: 15, output: 75),
    ])
}
