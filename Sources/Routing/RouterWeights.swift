/// What the router goes by: how much each feature of a text moves the score, on the scale of log odds.
package struct RouterWeights: Sendable {
    /// Told with every decision, so that old decisions are not taken for new ones'. Raised with every change of the weights,
    /// of the features, or of what the session adds.
    package static let version = 1

    package let intercept: Double
    /// In `TextFeature.allCases` order.
    let weights: [Double]

    /// A feature that is not named weighs nothing.
    package init(intercept: Double, features: KeyValuePairs<TextFeature, Double>) {
        self.intercept = intercept
        var weights = [Double](repeating: 0, count: TextFeature.allCases.count)
        for (feature, weight) in features {
            guard let place = TextFeature.allCases.firstIndex(of: feature) else { continue }
            weights[place] = weight
        }
        self.weights = weights
    }

    package subscript(feature: TextFeature) -> Double {
        TextFeature.allCases.firstIndex(of: feature).map { weights[$0] } ?? 0
    }

    /// Every name and number, one a line, as their digest is taken.
    package var listing: String {
        zip(TextFeature.allCases, weights).reduce("intercept \(intercept)\n") { $0 + "\($1.0.rawValue) \($1.1)\n" }
    }
}
