import Routing

/// A turn's tier: what deciding it costs before the first model call.
enum RouteRows {
    static func measure(_ options: Options) async throws -> [Row] {
        let short = "Reconcile the bank export with the ledger for March and explain each difference over 100 euros."
        let filler = "2026-11-30T10:00:00Z api ERROR timeout after 30 s, retry {id: 7}; "
        let long = short + "\n" + String(repeating: filler, count: 2_000)
        return try await rows("a request of a sentence", short) + rows("a request with 130 KB pasted", long)
    }

    private static func rows(_ name: String, _ text: String) async throws -> [Row] {
        let router = Router()
        var score = 0.0
        _ = router.decide(text)
        let samples = try await Samples.of(2_000) { score += router.decide(text).score }
        guard score > 0 else { throw BenchError("the router decided nothing") }
        let floor = try await Samples.of(2_000) { score += Double(words(text)) }
        return [(samples.p50, floor.p50, "p50", "≤ 0.2"), (samples.p99, floor.p99, "p99", "≤ 0.5")].map {
            Row(
                name: "router, \(name), \($2)", value: $0, unit: "ms", better: .lower, target: $3,
                peerName: "counting the text's words", peer: $1)
        }
    }

    private static func words(_ text: String) -> Int {
        var count = 0
        var inWord = false
        for byte in text.utf8 {
            let isSpace = byte <= 32
            if !isSpace, !inWord { count += 1 }
            inWord = !isSpace
        }
        return count
    }
}
