import MCP
import SlackText
import TestSupport
import Testing

/// Long answers: nothing is lost, every message is within the limits, and each part stands by itself.
@Suite struct SplittingTests {
    private static func shown(_ messages: [BlockMessage]) -> [String] {
        messages.map { BlockCheck(blocks: $0.blocks).shown }
    }

    private static func check(_ messages: [BlockMessage], _ limits: MessageLimits = MessageLimits()) {
        for message in messages {
            #expect(message.weight <= limits.blocksWeight, "\(message.weight)")
            #expect(message.blocks.count <= limits.blocks)
            #expect(message.text.utf16.count <= limits.fallback + 1)
            #expect(BlockCheck(blocks: message.blocks).problems == [])
        }
    }

    @Test func codeIsClosedAndOpenedAgain() {
        let lines = (0..<900).map { "line \($0) of a program" }
        let answer = MarkdownToSlack().render("before\n\n```python\n\(lines.joined(separator: "\n"))\n```\n\nafter")
        #expect(answer.messages.count == 2 && answer.file == nil)
        Self.check(answer.messages)
        let code = answer.messages.flatMap { $0.blocks }.flatMap { $0["elements"]?.arrayValue ?? [] }
            .filter { $0["type"]?.stringValue == "rich_text_preformatted" }
            .map { $0["elements"]?[0]?["text"]?.stringValue ?? "" }
        #expect(code.count == 2 && code.joined(separator: "\n") == lines.joined(separator: "\n"))
    }

    @Test func codeThatFitsAMessageStaysWhole() {
        let code = "```\n" + String(repeating: "0123456789\n", count: 300) + "```"
        let answer = MarkdownToSlack().render(String(repeating: "word ", count: 1900) + "\n\n" + code)
        #expect(answer.messages.count == 2)
        #expect(Self.shown(answer.messages)[1].utf16.count == 3300)
    }

    @Test func listsGoOnCountingInTheNextMessage() {
        let items = (1...120).map { "\($0). " + String(repeating: "item ", count: 30) }
        let answer = MarkdownToSlack().render(items.joined(separator: "\n"))
        Self.check(answer.messages)
        let lists = answer.messages.compactMap { $0.blocks[0]["elements"]?[0] }
        #expect(lists.count == answer.messages.count && lists.count > 1)
        var count: Int64 = 0
        for list in lists {
            #expect(list["offset"]?.intValue ?? 0 == count)
            count += Int64(list["elements"]?.arrayValue?.count ?? 0)
        }
        #expect(count == 120)
    }

    @Test func titlesGoWithWhatTheyAreOf() {
        let filler = String(repeating: "word ", count: 2300)
        let answer = MarkdownToSlack().render("\(filler)\n\n## Title\n\n\(filler)")
        Self.check(answer.messages)
        #expect(answer.messages[1].blocks[0]["type"]?.stringValue == "header")
    }

    /// From one side of the limit to the other, letter by letter.
    @Test func exactlyAtTheLimit() {
        var sizes: Set<Int> = []
        for length in 11_500...11_760 where length % 3 == 0 {
            let answer = MarkdownToSlack().render(String(repeating: "x", count: length))
            Self.check(answer.messages)
            #expect(Self.shown(answer.messages).joined().count(where: { $0 == "x" }) == length)
            sizes.insert(answer.messages.count)
        }
        #expect(sizes == [1, 2])
    }

    @Test func blocksAtTheLimit() {
        for (pairs, messages) in [(23, 1), (24, 2), (46, 2), (47, 3)] {
            // A header and a divider each.
            let answer = MarkdownToSlack().render((0..<pairs).map { "# Title \($0)\n---" }.joined(separator: "\n"))
            Self.check(answer.messages)
            #expect(answer.messages.count == messages, "\(pairs)")
            #expect(answer.messages.reduce(0) { $0 + $1.blocks.count } == 2 * pairs)
        }
    }

    @Test(arguments: ["👩‍👩‍👧‍👦", "e\u{301}", "🇩🇪", "日", "a "])
    func noCharacterIsCut(character: String) {
        var limits = MessageLimits()
        limits.blocksWeight = 6_000
        limits.messages = 1_000
        for frame in ["%", "```\n%\n```", "- %", "> %", "# %"] {
            let text = String(repeating: character, count: 5_000)
            let messages = MarkdownToSlack(limits: limits).render(frame.replacing("%", with: text)).messages
            Self.check(messages, limits)
            let whole = Self.shown(messages).joined().filter { $0 != "\n" && $0 != " " }
            let expected = String(repeating: character.filter { $0 != " " }, count: 5_000)
            #expect(whole == expected, "\(frame)")
        }
    }

    @Test func anEndlessCharacterStillEnds() {
        let chain = String(repeating: "👩\u{200D}", count: 9_000) + "👩"
        let answer = MarkdownToSlack().render(chain)
        Self.check(answer.messages)
        #expect(Self.shown(answer.messages).joined().unicodeScalars.count { $0.value == 0x1F469 } == 9_001)
    }

    @Test func longTablesKeepTheirTitles() {
        let rows = (0..<250).map { "| row \($0) | value \($0) |" }
        let answer = MarkdownToSlack().render("| name | what |\n|---|---|\n" + rows.joined(separator: "\n"))
        Self.check(answer.messages)
        #expect(answer.messages.count == 3 || answer.messages.count == 4)
        for message in answer.messages {
            #expect(message.blocks[0]["rows"]?[0]?[0]?["elements"]?[0]?["elements"]?[0]?["text"]?.stringValue == "name")
        }
        let shown = Self.shown(answer.messages).joined()
        for number in 0..<250 { #expect(shown.contains("row \(number) ")) }
    }

    @Test func whatIsTooLongBecomesABeginningAndAFile() throws {
        let text = (0..<4_000).map { "Paragraph \($0) says <!here>.\u{202E}" }.joined(separator: "\n\n")
        let answer = MarkdownToSlack().render(text)
        #expect(answer.messages.count == 1)
        let file = try #require(answer.file)
        #expect(file.name == "answer.md" && file.text.contains("Paragraph 3999 says <!here>."))
        #expect(!file.text.contains("\u{202E}"))
        let shown = try #require(Self.shown(answer.messages).first)
        #expect(shown.contains("Paragraph 0 ") && !shown.contains("Paragraph 900 "))
        #expect(shown.contains("The whole answer is in the file below (\(text.count) characters)."))
        Self.check(answer.messages)
    }

    @Test func randomLongTextKeepsTheLimits() {
        var random = SeededGenerator(seed: 47)
        var limits = MessageLimits()
        limits.blocksWeight = 6_000
        limits.messages = 1_000
        for _ in 0..<60 {
            let (source, _) = NothingPingsTests.adversarial(&random, words: 1_500)
            Self.check(MarkdownToSlack(limits: limits).render(source).messages, limits)
        }
    }

    @Test(arguments: [
        "*", "`", "[", "_a ", "|", ">", "#", "- ", "~", "**a", "> - ", "[x](", "![", "<", "\n```x\n", "- a\n  ",
    ])
    func repetitionCostsNoMoreThanItsLength(unit: String) {
        let text = String(repeating: unit, count: 40_000 / unit.count)
        let start = ContinuousClock.now
        _ = MarkdownToSlack().render(text)
        _ = MarkdownToSlack().draft(text)
        #expect(ContinuousClock.now - start < .seconds(60))
    }
}
