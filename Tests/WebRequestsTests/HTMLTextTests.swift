import Testing

@testable import WebRequests

@Suite struct HTMLTextTests {
    @Test(arguments: [
        ("<p>One<p>Two", "One\nTwo"), ("a<br>b", "a\nb"),
        ("a &lt; b &amp;&amp; c &#65;&#x42; &bogus; &", "a < b && c AB &bogus; &"),
        ("<ul><li>x<li>y</ul>", "- x\n- y\n"), ("a <!-- <script> --> b", "a b"), ("<SCRIPT>x</script >y", "y"),
        ("<style>p{}</style>z", "z"), ("1 < 2", "1 < 2"), ("<a href='javascript:x'>l</a>", "l"),
        ("<a href=https://e.test/?a=1&amp;b=2>l</a>", "l (https://e.test/?a=1&b=2)"), ("<b title=\"a>b\">c</b>", "c"),
        ("<script>never closed", ""), ("<!doctype html><p>x", "x"), ("&#0;&#x1b;[31m", "&#0;&#x1b;[31m"),
    ])
    func itIsWhatAReaderSees(_ html: String, _ text: String) {
        #expect(HTMLText.text(of: html) == text)
    }

    @Test func anythingIsTakenInLittleTime() {
        var generator = SystemRandomNumberGenerator()
        let pieces = [
            "<", ">", "</", "<a href=", "\"", "'", "&", "&#", ";", "<!--", "-->", "<script>", "x", " ", "<p>", "é",
        ]
        for _ in 0..<3000 {
            let html = (0..<Int.random(in: 0...60, using: &generator)).map { _ in
                pieces.randomElement(using: &generator) ?? ""
            }.joined()
            _ = HTMLText.text(of: html)
        }
        for piece in pieces {
            let html = String(repeating: piece, count: 100_000)
            let time = ContinuousClock().measure { _ = HTMLText.text(of: html) }
            #expect(time < .seconds(20), "\(piece)")
        }
    }
}
