import Markdown
import TestSupport
import Testing

@Suite struct MarkdownDocumentTests {
    private static func blocks(_ text: String) -> [MarkdownBlock] { MarkdownDocument(parsing: text).blocks }
    private static func paragraph(_ text: String) -> MarkdownBlock { .paragraph([.text(text)]) }

    @Test func blocksOfEveryKind() {
        let text = "# A #\n\none\ntwo\r\n---\n~~~ sh x\na\n\n  b\n~~~\n> q\nlazy\n\n    code\n"
        #expect(
            Self.blocks(text) == [
                .heading(level: 1, [.text("A")]), Self.paragraph("one\ntwo"), .rule,
                .code(language: "sh x", "a\n\n  b"), .quote([Self.paragraph("q\nlazy")]), .code(language: "", "code"),
            ])
    }

    @Test func listsNestByTwoColumns() {
        let text = "1. one\n   more\n\n   para\n  - inner\n    - deep\n2. [x] two\n\n- other"
        let inner = MarkdownList(
            start: nil,
            items: [
                .init(blocks: [
                    Self.paragraph("inner"),
                    .list(MarkdownList(start: nil, items: [.init(blocks: [Self.paragraph("deep")])])),
                ])
            ])
        #expect(
            Self.blocks(text) == [
                .list(
                    MarkdownList(
                        start: 1,
                        items: [
                            .init(blocks: [Self.paragraph("one\nmore"), Self.paragraph("para"), .list(inner)]),
                            .init(isDone: true, blocks: [Self.paragraph("two")]),
                        ])),
                .list(MarkdownList(start: nil, items: [.init(blocks: [Self.paragraph("other")])])),
            ])
    }

    @Test func codeWithinAnItem() {
        let text = "- a\n  ```\n  x\nleft\n\n  ```\nb"
        #expect(
            Self.blocks(text) == [
                .list(
                    MarkdownList(
                        start: nil, items: [.init(blocks: [Self.paragraph("a"), .code(language: "", "x\nleft\n")])])),
                Self.paragraph("b"),
            ])
    }

    @Test func codeBesideAnItemIsNotPartOfIt() {
        let blocks = Self.blocks("1. a\n```\nx\n```\n2. b")
        #expect(blocks.count == 3)
        if case .list(let list)? = blocks.last { #expect(list.start == 2) }
    }

    @Test func aTableEndsAParagraph() {
        let table = MarkdownTable(
            header: [[.text("a")], [.text("b")]], alignments: [.leading, .trailing],
            rows: [[[.text("1 | 2")], [.code("c")]], [[.text("3")]]])
        #expect(
            Self.blocks("text\n| a | b |\n|---|--:|\n| 1 \\| 2 | `c` |\n| 3 |\n\nend") == [
                Self.paragraph("text"), .table(table), Self.paragraph("end"),
            ])
    }

    @Test(arguments: [
        ("a *b* c", [MarkdownInline.text("a "), .styled(.italic, [.text("b")]), .text(" c")]),
        ("***x***", [.styled(.bold, [.styled(.italic, [.text("x")])])]),
        ("**a `*` b**", [.styled(.bold, [.text("a "), .code("*"), .text(" b")])]),
        ("``a`b`` `", [.code("a`b"), .text(" `")]),
        (
            "[a [b] `c`](u \"t\") [d](<e f>)",
            [
                .link(label: [.text("a [b] "), .code("c")], address: "u"), .text(" "),
                .link(label: [.text("d")], address: "e f"),
            ]
        ),
        (
            "<a@b.example> <x> <br/>",
            [
                .link(label: [.text("mailto:a@b.example")], address: "mailto:a@b.example"),
                .text(" <x> \n"),
            ]
        ),
        ("\\*a\\* &amp; &lt;b&gt; &copy;", [.text("*a* & <b> &copy;")]),
        ("HTTPS://E.org/a, b", [.link(label: [.text("HTTPS://E.org/a")], address: "HTTPS://E.org/a"), .text(", b")]),
        ("xhttp://a", [.text("xhttp://a")]),
        ("a_b_c 2*3*4 **", [.text("a_b_c 2*3*4 **")]),
    ])
    func inline(text: String, expected: [MarkdownInline]) {
        #expect(MarkdownInline.parse(text) == expected)
    }

    @Test func depthIsBounded() {
        for unit in ["> ", "- ", "1. ", ">"] {
            let blocks = Self.blocks(String(repeating: unit, count: 5_000) + "end")
            #expect(!blocks.isEmpty)
        }
        var text = ""
        for depth in 0..<2_000 { text += String(repeating: "  ", count: depth % 200) + "- x\n" }
        #expect(!Self.blocks(text).isEmpty)
    }

    /// Whatever the marks, the words come through, in their order.
    @Test func noWordIsLost() {
        var random = SeededGenerator(seed: 7)
        let marks = [
            "**", "*", "_", "`", "~~", "\n", "\n\n", "\n- ", "\n   ", "\n1. ", "\n> ", "\n# ", " ", "[", "]", "\\", "|",
            "<", "\n    ",
        ]
        for _ in 0..<2000 {
            var source = ""
            for number in 0..<25 {
                for _ in 0..<Int.random(in: 0..<4, using: &random) {
                    source += marks.randomElement(using: &random) ?? ""
                }
                source += "Q\(number)Z"
            }
            source = source.replacing("```", with: "``").replacing("~~~", with: "~~ ")
            let words = Self.words(Self.blocks(source))
            #expect(words == (0..<25).map { "Q\($0)Z" }, "\(source.debugDescription)")
        }
    }

    private static func words(_ blocks: [MarkdownBlock]) -> [String] {
        text(blocks).matches(of: #/Q\d+Z/#).map { String($0.0) }
    }

    private static func text(_ blocks: [MarkdownBlock]) -> String {
        blocks.map { block in
            switch block {
            case .paragraph(let nodes), .heading(_, let nodes): nodes.plain
            case .rule: ""
            case .code(_, let text): text
            case .quote(let inner): text(inner)
            case .list(let list): list.items.map { text($0.blocks) }.joined(separator: " ")
            case .table(let table):
                ([table.header] + table.rows).flatMap { $0 }.map(\.plain).joined(separator: " ")
            }
        }.joined(separator: " ")
    }
}
