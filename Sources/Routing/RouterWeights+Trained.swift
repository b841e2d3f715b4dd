// Written by scripts/router/train.py; docs/router.md says from what. Not to be edited by hand.

extension RouterWeights {
    /// What `bulkhead route` and the daemon go by.
    package static let trained = RouterWeights(
        intercept: -2.74,
        features: [
            .brevity: -2.264,
            .code: 0.746,
            .comparison: 1.027,
            .condition: 0.573,
            .courtesy: -2.294,
            .fault: 0.399,
            .housekeeping: -1.094,
            .investigation: 1.253,
            .items: 0.823,
            .language: -1.01,
            .length: 6.337,
            .mathSymbols: 0.637,
            .mathematics: 0.552,
            .numbers: 0.602,
            .opensHard: 1.052,
            .opensSmall: -0.761,
            .planning: 1.085,
            .profession: 0.752,
            .proof: 1.76,
            .reconciliation: 1.26,
            .sequence: 0.341,
            .software: 0.629,
        ])
}
