/// What the router weighs of a text: a value of 0 to about 1 each. Raw values are the names in the file of weights, in
/// `bulkhead route --jsonl --explain` and in what is stored; a name never changes its meaning without a new version.
package enum TextFeature: String, CaseIterable, Sendable {
    case length, brevity, items, numbers, mathSymbols = "math_symbols", code
    case courtesy, housekeeping, language, comparison, planning, investigation, software, reconciliation, proof
    case mathematics, profession, condition, sequence, fault
    case opensSmall = "opens_small", opensHard = "opens_hard"

    /// What a person is told that moved the score.
    package var words: String {
        switch self {
        case .length: "how much is said"
        case .brevity: "only a few words"
        case .items: "a list of points"
        case .numbers: "numbers"
        case .mathSymbols: "mathematical signs"
        case .code: "code"
        case .courtesy: "a courtesy"
        case .housekeeping: "small changes of files or settings"
        case .language: "translating or proofreading"
        case .comparison: "comparing and judging"
        case .planning: "planning or designing"
        case .investigation: "finding a cause, analysing"
        case .software: "software"
        case .reconciliation: "checking things against each other"
        case .proof: "proving or optimising"
        case .mathematics: "mathematics or statistics"
        case .profession: "law, finance, medicine or science"
        case .condition: "conditions to be met"
        case .sequence: "several steps"
        case .fault: "failures"
        case .opensSmall: "opens with a small request"
        case .opensHard: "opens with a demanding request"
        }
    }
}
