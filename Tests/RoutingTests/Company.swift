import Foundation
import Testing

@testable import Routing

/// Requests as people in companies write them, each with the tier an experienced person would choose. Training sees the
/// half `train` alone.
struct CompanyRequest: Decodable, Sendable {
    var id: String
    var half: String
    var tier: String
    var prompt: String

    static let all: [CompanyRequest] = {
        let text = String(decoding: PackageResources.company_requests_jsonl, as: UTF8.self)
        return text.split(separator: "\n").compactMap {
            try? JSONDecoder().decode(CompanyRequest.self, from: Data($0.utf8))
        }
    }()

    var wanted: RouteTier? { RouteTier(rawValue: tier) }
}

@Suite struct CompanyRequestTests {
    private let unseen = CompanyRequest.all.filter { $0.half == "test" }

    @Test func theSetIsWhole() {
        #expect(CompanyRequest.all.count >= 200 && unseen.count >= 100)
        #expect(Set(CompanyRequest.all.map(\.id)).count == CompanyRequest.all.count)
        #expect(Set(CompanyRequest.all.map(\.prompt)).count == CompanyRequest.all.count)
        #expect(CompanyRequest.all.allSatisfy { $0.wanted != nil })
    }

    /// The figure of docs/router.md, on what training never saw.
    @Test func fourInFiveGoWhereAPersonWouldSendThemAndNoneIsTwoTiersOff() {
        let router = Router()
        let chosen = unseen.map { ($0, router.decide($0.prompt).tier) }
        let right = chosen.filter { $0.0.wanted == $0.1 }
        #expect(right.count * 100 >= unseen.count * 78, "\(right.count) of \(unseen.count)")
        let far = chosen.filter { abs(($0.0.wanted?.rank ?? 0) - $0.1.rank) > 1 }
        #expect(far.isEmpty, "\(far.map(\.0.prompt))")
    }

    /// Nearly everything to the dearest is no routing.
    @Test func theDearestIsTheExceptionOnEverydayWork() {
        let tiers = unseen.map { Router().decide($0.prompt).tier }
        let best = tiers.filter { $0 == .best }.count
        let fast = tiers.filter { $0 == .fast }.count
        #expect(best * 100 <= unseen.count * 30 && fast * 100 >= unseen.count * 20, "\(fast) fast, \(best) best")
    }

    /// How often the needier of two scores higher, ties half: far from chance, and far from counting words.
    @Test func theScoreRisesWithNeedAndBeatsCountingWords() {
        func concordance(_ score: (CompanyRequest) -> Double) -> Double {
            let scored = unseen.map { ($0.wanted?.rank ?? 0, score($0)) }
            var above = 0.0
            var pairs = 0.0
            for left in scored {
                for right in scored where left.0 > right.0 {
                    pairs += 1
                    above += left.1 > right.1 ? 1 : left.1 == right.1 ? 0.5 : 0
                }
            }
            return above / pairs
        }
        let ours = concordance { Router().decide($0.prompt).score }
        let counting = concordance { Double($0.prompt.split(separator: " ").count) }
        #expect(ours > 0.9 && ours > counting + 0.05, "\(ours) beside \(counting)")
    }
}
