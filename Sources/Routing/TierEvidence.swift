/// What is known of how a session goes with the tier it has, since it last changed or began.
package struct TierEvidence: Hashable, Sendable {
    /// Tool calls that could not be read or broke their schema: the model's own mistakes.
    package var malformedCalls = 0
    /// The most often one tool failed in a row.
    package var repeatedFailures = 0
    /// Whether the person said, by the surface's own word for it, that the answer was wrong.
    package var wasToldWrong = false
    /// Steps of the plan the agent wrote down that are still open.
    package var openSteps = 0
    /// Turns that ended well in a row: nothing malformed, nothing repeated, nobody complained.
    package var goodTurns = 0

    package init() {}
}

/// What a switch of model would cost and save. Prices in millionths of a dollar for a million tokens, as price books have
/// them.
package struct SwitchPrices: Hashable, Sendable {
    package struct Model: Hashable, Sendable {
        /// Input that is not cached, written to the cache, and read from it; output.
        package var input: Int64
        package var cacheWrite: Int64
        package var cacheRead: Int64
        package var output: Int64

        package init(input: Int64, cacheWrite: Int64, cacheRead: Int64, output: Int64) {
            self.input = input
            self.cacheWrite = cacheWrite
            self.cacheRead = cacheRead
            self.output = output
        }
    }

    package var current: Model
    package var other: Model
    /// Tokens of this session that the current model has in its cache, still warm.
    package var cachedTokens: Int64
    /// Calls still expected in this session, and what each adds and answers.
    package var expectedCalls: Int64
    package var newTokensPerCall: Int64
    package var outputTokensPerCall: Int64

    package init(
        current: Model, other: Model, cachedTokens: Int64, expectedCalls: Int64, newTokensPerCall: Int64,
        outputTokensPerCall: Int64
    ) {
        self.current = current
        self.other = other
        self.cachedTokens = cachedTokens
        self.expectedCalls = expectedCalls
        self.newTokensPerCall = newTokensPerCall
        self.outputTokensPerCall = outputTokensPerCall
    }

    /// What staying costs less what switching costs: what a switch saves, below zero where it costs more. In trillionths of
    /// a dollar; numbers that make no sense save nothing.
    package var saving: Int64 {
        guard [cachedTokens, expectedCalls, newTokensPerCall, outputTokensPerCall].allSatisfy({ $0 >= 0 }) else {
            return .min
        }
        guard let stays = cost(current, firstRead: current.cacheRead),
            let switches = cost(other, firstRead: other.cacheWrite)
        else { return .min }
        return stays - switches
    }

    /// The prefix is read once from a warm cache, or written to a cold one; every later call reads it.
    private func cost(_ model: Model, firstRead: Int64) -> Int64? {
        guard expectedCalls > 0 else { return 0 }
        let amounts = [
            (cachedTokens, firstRead), (product(cachedTokens, expectedCalls - 1), model.cacheRead),
            (product(newTokensPerCall, expectedCalls), model.cacheWrite),
            (product(outputTokensPerCall, expectedCalls), model.output),
        ]
        var sum: Int64 = 0
        for (tokens, price) in amounts {
            guard let tokens, let amount = product(tokens, price), amount >= 0 else { return nil }
            let (next, overflow) = sum.addingReportingOverflow(amount)
            guard !overflow, next < .max / 2 else { return nil }
            sum = next
        }
        return sum
    }

    private func product(_ left: Int64, _ right: Int64) -> Int64? {
        let (value, overflow) = left.multipliedReportingOverflow(by: right)
        return overflow ? nil : value
    }
}
