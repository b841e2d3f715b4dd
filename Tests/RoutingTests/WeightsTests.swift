import Crypto
import Foundation
import Testing

@testable import Routing

@Suite struct WeightsTests {
    /// Weights change by training alone, and then this line, `RouterWeights.version` and docs/router.md change with them.
    @Test func theWeightsAreThoseOfTheDocumentedRun() {
        let digest = SHA256.hash(data: Data(RouterWeights.trained.listing.utf8))
        let text = digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        #expect(text == "a162b3947d8655d31ce14ba9d2496b5c12e90bdb567a1f7ee1895b23fcba751b")
        #expect(RouterWeights.version == 1)
    }

    /// What the words mean is part of the weights.
    @Test func theTermsAreThoseTheWeightsWereTrainedWith() {
        let listing = Terms.all.map { "\($0.kind): \($0.words)" }.joined(separator: "\n")
        let digest = SHA256.hash(data: Data(listing.utf8))
        let text = digest.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        #expect(text == "afe73e270867d714e62dcd89a641c8da5480cdddc6ee1dc8f4597fca262b9628")
    }

    @Test func aFeatureThatOnlyLowersOrOnlyRaisesDoes() {
        let weights = RouterWeights.trained
        for feature in [TextFeature.brevity, .courtesy, .housekeeping, .language, .opensSmall] {
            #expect(weights[feature] <= 0, "\(feature)")
        }
        for feature in [TextFeature.length, .investigation, .planning, .proof, .reconciliation, .opensHard] {
            #expect(weights[feature] > 0, "\(feature)")
        }
    }
}
