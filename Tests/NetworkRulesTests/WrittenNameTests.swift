import NetworkRules
import Testing

@Suite struct WrittenNameTests {
    /// The right-hand sides are what Python's `idna` codec makes of them.
    @Test(arguments: [
        ("Example.COM", "example.com"), ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.example", "xn--bcher-kva.example"),
        ("bu\u{308}cher.example", "xn--bcher-kva.example"), ("münchen.de", "xn--mnchen-3ya.de"),
        ("日本語.jp", "xn--wgv71a119e.jp"),
        ("пример.рф", "xn--e1afmkfd.xn--p1ai"), ("παράδειγμα.δοκιμή", "xn--hxajbheg2az3al.xn--jxalpdlp"),
        ("한국.kr", "xn--3e0b707e.kr"), ("ไทย.example", "xn--o3cw4h.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("ひらがなカタカナ漢字.jp", "xn--v8j0cwa6gzha3lrdr510cymwb.jp"), ("مثال.example", "xn--mgbh0fb.example"),
    ])
    func becomesWhatIsSent(_ written: String, _ sent: String) throws {
        #expect(try HostName(written: written).description == sent)
    }

    /// Look-alikes, what two standards convert differently, and what is no name in any script.
    @Test(arguments: [
        "ex\u{430}mple.com", "раypal.com", "straße.de", "βόλος.com", "a\u{200D}b.com", "ｅxample.com", "example。com",
        "\u{308}a.com",
        "a\u{AD}b.com", "💩.la", "1\u{661}.com", "①.com", "ex—ample.com", "µ.com", "ª.com", "אב1.com", "Ⅷ.com",
        "a\u{202E}b.com",
        "", "localhost", "127.0.0.1", "１２７.0.0.1", "日本語", "日.本\u{3000}語", "αa.com", "ƿ\u{430}.com", "bücher..com",
        "bü_cher.com",
        String(repeating: "ü", count: 64) + ".com", "\u{E000}a.com", "ͺ.com",
    ])
    func refusesWhatIsNotPlainlyConvertible(_ written: String) {
        #expect(throws: NetworkRuleError.self) { try HostName(written: written) }
    }

    @Test func clientsNamesStayASCII() {
        #expect(HostName("bücher.example") == nil)
        #expect(DomainPattern("*.bücher.example") == nil)
    }

    @Test func patternsAreWrittenTheSameWay() throws {
        #expect(try DomainPattern(written: "*.Bücher.example").description == "*.xn--bcher-kva.example")
        #expect(throws: NetworkRuleError.self) { try DomainPattern(written: "*.*.example.com") }
    }
}
