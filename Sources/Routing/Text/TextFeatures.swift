internal import Glibc

/// What is to be seen of a text, whoever wrote it and wherever: a pure function of its beginning and its end.
package struct TextFeatures: Hashable, Sendable {
    /// In `TextFeature.allCases` order.
    package let values: [Double]
    /// Words that say something, of the part that was looked at: without courtesies, grammar and code.
    package let words: Int

    package init(_ text: String) {
        self.init(TextScan.counts(of: TextWindow(text)))
    }

    /// More words than these are material, not request: pasting a book makes nothing harder.
    private static let enoughWords = 255.0

    package subscript(feature: TextFeature) -> Double {
        values[TextFeature.allCases.firstIndex(of: feature) ?? 0]
    }

    init(_ counts: TextCounts) {
        words = Int(counts.words)
        let count = counts.words
        func several(_ count: Int, half: Double) -> Double { Double(count) / (Double(count) + half) }
        func terms(_ kind: TermKind) -> Double { several(counts.terms[kind.rawValue], half: 1.5) }
        values = TextFeature.allCases.map { feature in
            switch feature {
            case .length: log2(1 + min(count, Self.enoughWords)) / log2(1 + Self.enoughWords)
            case .brevity: max(0, 1 - count / 6)
            case .items: several(counts.items, half: 3)
            case .numbers: several(counts.numbers, half: 3)
            case .mathSymbols: several(counts.mathSymbols, half: 3)
            case .code: several(counts.codeMarks + 3 * counts.fences, half: 6)
            case .courtesy: counts.terms[TermKind.courtesy.rawValue] > 0 ? max(0, 1 - count / 3) : 0
            case .housekeeping: terms(.housekeeping)
            case .language: terms(.language)
            case .comparison: terms(.comparison)
            case .planning: terms(.planning)
            case .investigation: terms(.investigation)
            case .software: terms(.software)
            case .reconciliation: terms(.reconciliation)
            case .proof: terms(.proof)
            case .mathematics: terms(.mathematics)
            case .profession: terms(.profession)
            case .condition: several(counts.terms[TermKind.condition.rawValue], half: 3)
            case .sequence: several(counts.terms[TermKind.sequence.rawValue], half: 3)
            case .fault: terms(.fault)
            case .opensSmall: counts.opening.map(Self.isSmall) == true ? 1 : 0
            case .opensHard: counts.opening.map(Self.isDemanding) == true ? 1 : 0
            }
        }
    }

    /// Whether an opening asks for something small, or for something demanding; most kinds can be either.
    private static func isSmall(_ kind: TermKind) -> Bool {
        [.lookup, .housekeeping, .extraction, .language].contains(kind)
    }

    private static func isDemanding(_ kind: TermKind) -> Bool {
        [.comparison, .planning, .investigation, .reconciliation, .proof].contains(kind)
    }
}
