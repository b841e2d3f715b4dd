import MCP
import SlackText
import Testing

@Suite struct MarkdownToSlackTests {
    static func blocks(_ markdown: String, mentions: Set<SlackMention> = []) throws -> [JSONValue] {
        let answer = MarkdownToSlack(mentions: mentions).render(markdown)
        #expect(answer.messages.count == 1 && answer.file == nil)
        return answer.messages.first?.blocks ?? []
    }

    /// The elements of the one rich text block that `markdown` becomes.
    static func elements(_ markdown: String, mentions: Set<SlackMention> = []) throws -> [JSONValue] {
        let blocks = try blocks(markdown, mentions: mentions)
        #expect(blocks.count == 1 && blocks.first?["type"]?.stringValue == "rich_text", "\(blocks)")
        return blocks.first?["elements"]?.arrayValue ?? []
    }

    static func text(_ text: String, _ styles: String...) -> JSONValue {
        var object: JSONObject = ["type": "text", "text": .string(text)]
        if !styles.isEmpty { object["style"] = .object(JSONObject(styles.map { ($0, JSONValue.bool(true)) })) }
        return .object(object)
    }

    static func section(_ runs: JSONValue...) -> JSONValue { ["type": "rich_text_section", "elements": .array(runs)] }

    @Test func marksBecomeStyles() throws {
        let elements = try Self.elements("a **b _c_** ~~d~~ `e<f` *g*")
        #expect(
            elements == [
                Self.section(
                    Self.text("a "), Self.text("b ", "bold"), Self.text("c", "bold", "italic"), Self.text(" "),
                    Self.text("d", "strike"), Self.text(" "), Self.text("e<f", "code"), Self.text(" "),
                    Self.text("g", "italic"))
            ])
    }

    @Test func paragraphsKeepTheirDistance() throws {
        #expect(
            try Self.elements("one\ntwo\n\nthree\n\n### Four\nfive") == [
                Self.section(
                    Self.text("one\ntwo\n\nthree\n\n"), Self.text("Four", "bold"), Self.text("\nfive"))
            ])
    }

    @Test func titlesAreHeadersWhereTheyAreWords() throws {
        let blocks = try Self.blocks("# Plan\ntext\n## `code` & more")
        #expect(blocks.map { $0["type"]?.stringValue } == ["header", "rich_text"])
        #expect(blocks[0]["text"] == ["type": "plain_text", "text": "Plan", "emoji": false])
        #expect(
            blocks[1]["elements"]?.arrayValue == [
                Self.section(
                    Self.text("text\n\n"), Self.text("code", "bold", "code"), Self.text(" & more", "bold"))
            ])
    }

    @Test func titlesThatAreTooLongForAHeaderAreBold() throws {
        for (length, type) in [(150, "header"), (151, "rich_text")] {
            let blocks = try Self.blocks("# " + String(repeating: "x", count: length))
            #expect(blocks.map { $0["type"]?.stringValue } == [type])
        }
    }

    @Test func listsNestAndGoOnCounting() throws {
        let elements = try Self.elements("3. three\n   - inner **x**\n4. four\n   ```\n   code\n   ```\n5. five")
        func list(_ style: String, _ indent: Int, _ offset: Int, _ item: JSONValue) -> JSONValue {
            var list: JSONObject = [
                "type": "rich_text_list", "style": .string(style), "indent": .int(Int64(indent)), "elements": [item],
            ]
            if offset > 0 { list["offset"] = .int(Int64(offset)) }
            return .object(list)
        }
        #expect(
            elements == [
                list("ordered", 0, 2, Self.section(Self.text("three"))),
                list("bullet", 1, 0, Self.section(Self.text("inner "), Self.text("x", "bold"))),
                list("ordered", 0, 3, Self.section(Self.text("four"))),
                ["type": "rich_text_preformatted", "elements": [Self.text("code")]],
                list("ordered", 0, 4, Self.section(Self.text("five"))),
            ])
    }

    @Test func tasksHaveBoxes() throws {
        let message = MarkdownToSlack().render("- [x] done\n- [ ] open").messages[0]
        #expect(message.text == "• ☑ done\n• ☐ open")
    }

    @Test func quotationsHoldTextAlone() throws {
        let elements = try Self.elements("> said **so**\n> - and\n> - this\n\nafter")
        #expect(
            elements == [
                [
                    "type": "rich_text_quote",
                    "elements": [Self.text("said "), Self.text("so", "bold"), Self.text("\n• and\n• this")],
                ],
                Self.section(Self.text("\nafter")),
            ])
    }

    @Test func codeIsAsItStands() throws {
        let elements = try Self.elements("```swift\nlet a = \"<b> & **c**\"\n\n    d\n```")
        #expect(
            elements == [
                ["type": "rich_text_preformatted", "elements": [Self.text("let a = \"<b> & **c**\"\n\n    d")]]
            ])
    }

    @Test func oneTableIsSlacksOwn() throws {
        let blocks = try Self.blocks("| a | b |\n|:--|--:|\n| x & y | **1** |\n| z |")
        let bold: JSONValue = Self.text("1", "bold")
        #expect(blocks[0]["column_settings"] == [["align": "left", "is_wrapped": true], ["align": "right"]])
        #expect(
            blocks[0]["rows"]?[1] == [
                ["type": "raw_text", "text": "x & y"],
                ["type": "rich_text", "elements": [["type": "rich_text_section", "elements": [bold]]]],
            ])
        #expect(blocks[0]["rows"]?[2]?[1] == ["type": "raw_text", "text": " "])
    }

    @Test func ofSeveralTablesTheNarrowOnesAreLetters() throws {
        let table = "| name | n |\n|---|--:|\n| æøå | 1 |\n| 日本 | 23 |\n"
        let elements = try Self.elements(table + "\n" + table)
        let drawn = "name   n\n────  ──\næøå    1\n日本  23"
        #expect(elements.count == 2)
        #expect(elements[0] == ["type": "rich_text_preformatted", "elements": [Self.text(drawn)]])
    }

    @Test func aSlackWithoutTablesGetsAListOfWideOnes() throws {
        let wide = String(repeating: "w", count: 80)
        let answer = MarkdownToSlack(tables: .letters).render("| a | b |\n|---|---|\n| \(wide) | [x](https://e.org/) |")
        #expect(answer.messages[0].text == "• a: \(wide)\nb: x")
    }

    @Test func ruleBreakAndEntities() throws {
        let blocks = try Self.blocks("a<br>b &amp; &lt;c&gt;\n\n---\n\nd")
        #expect(blocks.map { $0["type"]?.stringValue } == ["rich_text", "divider", "rich_text"])
        #expect(blocks[0]["elements"]?[0] == Self.section(Self.text("a\nb & <c>")))
    }

    @Test func nothingBecomesAMessageThatSaysSo() {
        for empty in ["", " \n ", "\n\n"] {
            let answer = MarkdownToSlack().render(empty)
            #expect(answer.messages.map(\.text) == ["(no text)"])
            #expect(MarkdownToSlack().draft(empty) == [])
        }
    }

    @Test func theTextBesideTheBlocksIsEscapedOnce() {
        let text = MarkdownToSlack().render("a < b && `c > d` &amp;amp;").messages[0].text
        #expect(text == "a &lt; b &amp;&amp; c &gt; d &amp;amp;")
    }
}
