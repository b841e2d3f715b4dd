/// A secret word for each attempt, so that an answer to one cannot be an answer to another, nor one from before.
struct Nonces: Sendable {
    let words: [String: String]

    init(for trials: [DrillTrial]) {
        words = Dictionary(trials.map { ($0.id, Self.word()) }, uniquingKeysWith: { first, _ in first })
    }

    subscript(trial: DrillTrial) -> String { words[trial.id] ?? "" }

    /// 128 bits.
    static func word() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<2).map { _ in
            let text = String(generator.next() as UInt64, radix: 16)
            return String(repeating: "0", count: 16 - text.count) + text
        }.joined()
    }
}
