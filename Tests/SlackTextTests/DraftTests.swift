import MCP
import SlackText
import Testing

/// An answer while it is being written.
@Suite struct DraftTests {
    private static func shown(_ text: String) -> String {
        MarkdownToSlack().draft(text).map { BlockCheck(blocks: $0.blocks).shown }.joined()
    }

    @Test(arguments: [
        ("a **bold", "a bold\n"), ("a **", "a \n"), ("a **bold*", "a bold*\n"), ("x `code", "x code\n"),
        ("see [docs", "see [docs\n"), ("see [docs](https://e.o", "see docs\n"), ("~~gone", "gone\n"),
        ("**a _b", "a b\n"), ("- one\n- **two", "one\ntwo\n\n"), ("> **q", "q\n"),
    ])
    func whatIsOpenIsClosedForNow(text: String, expected: String) {
        #expect(Self.shown(text) == expected)
    }

    @Test func anOpenFenceIsCode() {
        let message = MarkdownToSlack().draft("so:\n```swift\nlet a = 1\n").first
        let element = message?.blocks[0]["elements"]?[1]
        #expect(element?["type"]?.stringValue == "rich_text_preformatted")
        #expect(element?["elements"]?[0]?["text"]?.stringValue == "let a = 1\n")
    }

    @Test func onlyTheEndIsTakenForOpen() {
        #expect(Self.shown("2 * 3 and **open\n\nnext") == "2 * 3 and **open\n\nnext\n")
    }

    @Test func everyBeginningCanBeShown() {
        let whole = """
            # Title

            Some **bold** and `code` and [a link](https://example.org/x) <!here>.

            - one
              1. two ~~three~~
            > quoted *so*

            | a | b |
            |---|--:|
            | c | 1 |

            ```sh
            echo "<@U12345>"
            ```
            end
            """
        var beginning = ""
        for character in whole {
            beginning.append(character)
            for message in MarkdownToSlack().draft(beginning) { NothingPingsTests.expectSilent(message, beginning) }
        }
        #expect(MarkdownToSlack().draft(whole) == MarkdownToSlack().render(whole).messages)
    }

    @Test func theMessagesBeforeTheLastStay() {
        let text = (0..<900).map { "Paragraph \($0) is here, and it says something of its own." }.joined(
            separator: "\n\n")
        let whole = MarkdownToSlack().draft(text)
        #expect(whole.count > 2)
        let part = MarkdownToSlack().draft(String(text.prefix(text.count * 2 / 3)))
        #expect(part.count > 1)
        #expect(Array(part.dropLast()) == Array(whole.prefix(part.count - 1)))
    }

    @Test func aDraftHasNoMoreMessagesThanAnAnswer() {
        #expect(MarkdownToSlack().draft(String(repeating: "word ", count: 100_000)).count == MessageLimits().messages)
    }
}
