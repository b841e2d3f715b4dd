import Markdown
import TestSupport
import Testing

@Suite struct VisibleTextTests {
    @Test(arguments: [
        ("plain, with ünïcödé 日本語 🎉", "plain, with ünïcödé 日本語 🎉"),
        ("\u{1B}[31mred", "␛[31mred"),
        ("bell\u{07} null\u{00} back\u{08} del\u{7F}", "bell␇ null␀ back␈ del␡"),
        ("c1 \u{9B}2J \u{85} \u{90}", "c1 ⟨U+009B⟩2J ⟨U+0085⟩ ⟨U+0090⟩"),
        ("\u{202E}gnp.exe\u{202C}", "⟨U+202E⟩gnp.exe⟨U+202C⟩"),
        ("a\u{2066}b\u{2069}c\u{200E}d\u{200F}\u{061C}", "a⟨U+2066⟩b⟨U+2069⟩c⟨U+200E⟩d⟨U+200F⟩⟨U+061C⟩"),
        ("zero\u{200B}width\u{FEFF}\u{2060}\u{00AD}", "zero⟨U+200B⟩width⟨U+FEFF⟩⟨U+2060⟩⟨U+00AD⟩"),
        ("tag\u{E0041}\u{E007F}", "tag⟨U+E0041⟩⟨U+E007F⟩"),
        ("line\u{2028}separator\u{2029}", "line⟨U+2028⟩separator⟨U+2029⟩"),
        ("windows\r\nline", "windows\nline"),
        ("over\rwrite", "over␍write"),
        ("filler\u{3164}\u{115F}", "filler⟨U+3164⟩⟨U+115F⟩"),
        ("a\u{200D}b", "a⟨U+200D⟩b"),
        ("a\u{FE0F}\u{FE01}", "a⟨U+FE0F⟩⟨U+FE01⟩"),
        ("smuggled 😀\u{E0100}\u{E0101}", "smuggled 😀⟨U+E0100⟩⟨U+E0101⟩"),
    ])
    func tricksAreShown(text: String, shown: String) {
        #expect(VisibleText.multiline(text) == shown)
    }

    @Test(arguments: ["👩‍👩‍👧", "❤️", "می‌خواهم", "क्‍ष", "🏳️‍🌈", "1️⃣"])
    func joinersThatWritingNeedsStay(text: String) {
        #expect(Array(VisibleText.multiline(text).unicodeScalars) == Array(text.unicodeScalars))
    }

    @Test func aPileOfMarksIsCut() {
        let shown = VisibleText.multiline("a" + String(repeating: "\u{0301}", count: 50))
        #expect(shown.unicodeScalars.count { $0.value == 0x0301 } == 4)
    }

    @Test func inOneLineLineFeedsAreMarksToo() {
        #expect(VisibleText.line("a\nb\tc\r\nd") == "a␊b c␊d")
    }

    @Test func nothingHarmfulPassesWhateverComesIn() {
        var random = SeededGenerator(seed: 42)
        for _ in 0..<3000 {
            let text = random.hostileText(length: 40)
            let shown = VisibleText.multiline(text)
            let scalars = Array(shown.unicodeScalars)
            for scalar in scalars where !VisibleText.isHarmless(scalar) {
                let joiners: [UInt32] = [0x200C, 0x200D, 0xFE0E, 0xFE0F]
                #expect(
                    joiners.contains(scalar.value), "U+\(String(scalar.value, radix: 16)) in \(text.debugDescription)")
            }
            #expect(!shown.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" && $0 != "\t" })
            // What has been made visible stays as it is.
            #expect(VisibleText.multiline(shown) == shown)
        }
    }
}
