import Terminal
import TestSupport
import Testing

@Suite struct MarkdownTests {
    static let sample = """
        # Title with `code`

        A paragraph with **bold**, *italic*, ~~gone~~ and [a link](https://example.com/x).
        It goes on here.

        - one
        - two with **more**
          - nested
        1. first

        > quoted
        > twice

        | a | b |
        |:--|--:|
        | x | 10 |
        | long cell | 2 |

        ```swift
        let x = **notBold**
        	tab
        ```
        after
        """

    @Test func rendersTheUsualBlocks() {
        let lines = MarkdownStream.render(Self.sample, width: 60).map(\.plain)
        #expect(
            lines == [
                "Title with code", "", "A paragraph with bold, italic, gone and a link",
                "(https://example.com/x). It goes on here.", "", "• one", "• two with more", "  • nested", "1. first",
                "", "│ quoted twice", "", "a           b", "─────────  ──", "x          10", "long cell   2", "",
                "  swift", "  let x = **notBold**", "      tab", "", "after",
            ])
    }

    @Test(arguments: [
        ("snake_case_name and 2*3*4 and a * b * c", "snake_case_name and 2*3*4 and a * b * c"),
        ("not **closed and `open", "not **closed and `open"),
        (#"escaped \*stars\* and \`tick\`"#, "escaped *stars* and `tick`"),
        ("``a ` b``", "a ` b"),
        ("[text]() and [text] (x) and [](y)", "[text]() and [text] (x) and  (y)"),
        ("![image](https://evil.example/p.png)", "image (https://evil.example/p.png)"),
        ("[https://bank.example](https://evil.example)", "https://bank.example (https://evil.example)"),
        ("***both***", "both"),
    ])
    func inlineMarkup(text: String, plain: String) {
        #expect(MarkdownStream.render(text, width: 100).map(\.plain) == [plain])
    }

    @Test func stylesAreSet() {
        let line = MarkdownStream.render("a **b** `c`", width: 80)[0]
        #expect(line.rendered(styled: true) == "a \u{1B}[1mb\u{1B}[0m \u{1B}[36mc\u{1B}[0m")
        #expect(line.rendered(styled: false) == "a b c")
    }

    @Test func contentCannotStyleTheTerminal() {
        let lines = MarkdownStream.render("**\u{1B}[2Jx**\n```\n\u{1B}]0;t\u{07}\n```\n# \u{9B}1m", width: 80)
        for line in lines {
            #expect(!line.rendered(styled: false).unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x9B })
        }
    }

    @Test func anyPiecesGiveTheSameLines() {
        var random = SeededGenerator(seed: 11)
        for round in 0..<300 {
            let text = round == 0 ? Self.sample : Self.scrambled(&random)
            var stream = MarkdownStream(width: 40)
            var lines: [StyledLine] = []
            for piece in random.pieces(of: Array(text.utf8)) {
                // Pieces of bytes need not be text; the daemon sends whole scalars.
                lines += stream.append(String(decoding: piece, as: UTF8.self))
                _ = stream.pending
            }
            let whole = text.utf8.allSatisfy { $0 < 0x80 }
            if whole {
                #expect(lines + stream.finish() == MarkdownStream.render(text, width: 40), "\(text.debugDescription)")
            }
        }
    }

    /// Random pieces of Markdown with every kind of mark.
    private static func scrambled(_ random: inout SeededGenerator) -> String {
        let parts = [
            "**", "*", "_", "`", "```", "\n", "\n\n", "- ", "1. ", "> ", "# ", "| a | b |\n", "|--|--|\n", "[x](y)",
            "word ",
            "  ", "\t", "\\", "~~", "---\n", "\r\n", "![", "](", ")", "longerword",
        ]
        return (0..<Int.random(in: 0..<60, using: &random)).map { _ in parts.randomElement(using: &random) ?? "" }
            .joined()
    }

    @Test func finishedLinesNeverChangeAfterwards() {
        var stream = MarkdownStream(width: 40)
        var printed: [StyledLine] = []
        for character in Self.sample {
            printed += stream.append(String(character))
            let now = printed + stream.pending
            #expect(Array(now.prefix(printed.count)) == printed)
        }
    }

    @Test(arguments: ["*", "`", "[", "_a ", "|", ">", "#", "- ", "~", "**a"])
    func repetitionCostsNoMoreThanItsLength(unit: String) {
        let text = String(repeating: unit, count: 20_000 / unit.count)
        let start = ContinuousClock.now
        _ = MarkdownStream.render(text, width: 80)
        #expect(ContinuousClock.now - start < .seconds(20))
    }

    @Test func aTextWithoutEndIsPrintedInParts() {
        var stream = MarkdownStream(width: 40)
        var printed = 0
        for index in 0..<5000 { printed += stream.append("line \(index)\n").count }
        #expect(printed > 1000)
    }
}
