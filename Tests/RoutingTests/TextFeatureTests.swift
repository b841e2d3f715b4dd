import Testing

@testable import Routing

@Suite struct TextFeatureTests {
    static let hostile: [String] = [
        "", " ", "\u{0}", "\u{FEFF}\u{200B}", String(repeating: "`", count: 100_000), "```\nunclosed",
        String(repeating: "e\u{301}\u{302}\u{303}", count: 20_000), String(repeating: "_", count: 50_000),
        String(repeating: "9", count: 50_000), String(repeating: "𝕏", count: 20_000), "\u{202E}txet\u{202C}",
        String(repeating: "- \n", count: 20_000), String(repeating: "if prove ", count: 20_000), "\r\n\r\n\u{2028}",
        String(repeating: "字", count: 20_000), "👩‍👩‍👧‍👦" + String(repeating: "\u{FE0F}", count: 10_000),
    ]

    /// By index: the texts are no names for a report.
    @Test(arguments: hostile.indices)
    func everyValueStaysBetween0And1(index: Int) {
        let text = Self.hostile[index]
        let features = TextFeatures(text)
        #expect(features.values.count == TextFeature.allCases.count)
        #expect(features.values.allSatisfy { (0...1).contains($0) })
        let score = Router().decide(text).score
        #expect(score > 0 && score < 1)
    }

    /// Bounded work: what stands between beginning and end is not looked at, however much it is.
    @Test func theMiddleOfAHugeTextIsNotRead() {
        let head = String(repeating: "Summarise this log, please. ", count: 300)
        let tail = String(repeating: "Only the failures count. ", count: 200)
        let small = String(repeating: "prove ", count: 4_000)
        let large = String(repeating: "x = {}; \n", count: 400_000)
        #expect(TextFeatures(head + small + tail) == TextFeatures(head + large + tail))
        #expect(TextWindow(head + large + tail).bytes.count == TextWindow.head + TextWindow.tail + 1)
    }

    /// Cut in the middle of a character, nothing is read beyond the end.
    @Test(arguments: 0..<8)
    func aWindowMayCutACharacter(offset: Int) {
        let text = String(repeating: "a", count: offset) + String(repeating: "é漢🧮", count: 3_000)
        #expect(TextFeatures(text).values.allSatisfy { $0.isFinite })
    }

    @Test(arguments: [
        ("Prove that it terminates.", TextFeature.proof), ("Find the root cause of the outage", .investigation),
        ("Gleiche die Konten ab und erkläre jede Abweichung", .reconciliation),
        ("Planifie la migration", .planning), ("Compara los contratos", .comparison), ("核对这两份账目", .reconciliation),
        ("Рефакторинг: сравни варианты", .comparison), ("f(x) = 3x^2 + 1", .mathSymbols),
        ("let snake_case = camelCase() -> {}", .code), ("1. one\n2. two\n- three", .items),
        ("3 of 12,5 at 12:30", .numbers),
        ("thanks a lot!", .courtesy), ("rename it", .housekeeping), ("分析日志，找出原因", .investigation),
    ])
    func whatATextAsksForIsSeen(text: String, feature: TextFeature) {
        #expect(TextFeatures(text)[feature] > 0)
    }

    @Test func numbersAreCountedAsPeopleWriteThem() {
        let scanned = TextScan.counts(of: TextWindow("between 1,000.50 and 12:30 on 2026-11-30"))
        #expect(scanned.numbers == 5)
        let listed = TextScan.counts(of: TextWindow("1. first\n2) second\n- third\n* fourth\n2026 was good"))
        #expect(listed.items == 4 && listed.numbers == 1)
    }

    @Test func codeBetweenFencesIsNoProse() {
        let scanned = TextScan.counts(of: TextWindow("Look:\n```swift\nprove(analyse: migrate)\n```\nThat fails."))
        #expect(scanned.words == TextScan.counts(of: TextWindow("Look:\nThat fails.")).words)
        #expect(scanned.terms[TermKind.proof.rawValue] == 0 && scanned.fences == 1)
    }

    /// Invisible characters neither hide a word nor make two of one.
    @Test func invisibleCharactersChangeNothing() {
        let plain = "Reconcile the ledger with the bank export"
        let cut = "Rec\u{200B}oncile the led\u{AD}ger with\u{200D} the bank ex\u{2060}port"
        #expect(TextFeatures(plain) == TextFeatures(cut))
    }

    @Test func aMultipleChoiceFormatIsNoListOfPoints() {
        let scanned = TextScan.counts(of: TextWindow("Which one?\nA. this\nB. that\nC) other\nAnswer:"))
        #expect(scanned.items == 0)
    }

    /// Thanks with a request in it is a request.
    @Test func thanksButAlsoIsNoCourtesy() {
        #expect(TextFeatures("thanks!")[.courtesy] > 0.9)
        #expect(TextFeatures("thanks, but also check the March invoices against the ledger")[.courtesy] == 0)
    }
}
