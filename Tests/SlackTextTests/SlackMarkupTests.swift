import MCP
import SlackText
import TestSupport
import Testing

/// What people write in Slack, as the model reads it.
@Suite struct SlackMarkupTests {
    static let names = SlackMarkup.Names(
        user: { ["U1ADA": "ada", "UBOT1": "bulkhead"][$0] }, channel: { ["C1GEN": "general"][$0] },
        userGroup: { ["S1TEAM": "team"][$0] })
    static let markup = SlackMarkup(names: names, bot: "UBOT1")

    @Test(arguments: [
        ("thanks, but also check X", "thanks, but also check X"),
        ("a &lt;b&gt; &amp;amp; c", "a <b> &amp; c"),
        ("hi <@U1ADA>, see <#C1GEN|old> and <#C9UNKNOWN|their-name>", "hi @ada, see #general and #their-name"),
        ("<@U9NOBODY> <@U9NOBODY|someone>", "@U9NOBODY @someone"),
        ("<!here> <!subteam^S1TEAM> <!subteam^S2OTHER|@ops>", "@here @team @ops"),
        ("<https://e.org/a?b=1&amp;c=2>", "https://e.org/a?b=1&c=2"),
        ("<https://e.org|the [docs]>", "[the \\[docs\\]](https://e.org)"),
        ("<mailto:a@e.org|a@e.org>", "a@e.org"), ("<tel:+123|+123>", "[+123](tel:+123)"),
        ("*bold* _it_ ~no~ 2*3*4 snake_case", "**bold** _it_ ~~no~~ 2*3*4 snake_case"),
        ("*a <@U1ADA> b*", "**a @ada b**"), ("*a ~b~ c*", "**a ~~b~~ c**"),
        ("`a *b* &lt;c&gt;`", "`a *b* <c>`"), ("```x &amp;&amp; y```", "```\nx && y\n```"),
        ("&gt; quoted\nnot", "> quoted\nnot"), ("• one\n• two", "- one\n- two"),
        ("<!date^1392734382^Posted {date}|Feb 18>", "Feb 18"), ("a < b and <", "a < b and <"), ("", ""),
        ("*not\nbold*", "*not\nbold*"), ("`open", "`open"), ("5 * 3 * 2", "5 * 3 * 2"),
    ])
    func textIsRead(text: String, expected: String) {
        #expect(Self.markup.read(text: text).markdown == expected)
    }

    @Test func mentionsAreValues() {
        let reading = Self.markup.read(text: "<@U1ADA> and <@UBOT1> and <@U1ADA> in <#C1GEN> <!channel>")
        #expect(reading.users == ["U1ADA", "UBOT1"])
        #expect(reading.mentions == [.user("U1ADA"), .user("UBOT1"), .channel("C1GEN"), .broadcast(.channel)])
        #expect(reading.mentionsBot)
        #expect(!Self.markup.read(text: "bulkhead, hello").mentionsBot)
    }

    @Test(arguments: [
        ("<@UBOT1> what is up?", "what is up?"), ("<@UBOT1>, what?", "what?"), ("<@UBOT1>: *do* it", "**do** it"),
        ("ask <@UBOT1> about it", "ask @bulkhead about it"), ("<@UBOT1>", ""), ("<@UBOT1> <@U1ADA> hi", "@ada hi"),
        ("<@U1ADA> hi <@UBOT1>", "@ada hi @bulkhead"),
    ])
    func onlyTheAddressAtItsBeginningGoes(text: String, expected: String) {
        #expect(Self.markup.read(text: text).markdown == expected)
    }

    static func rich(_ elements: JSONValue...) -> [JSONValue] { [["type": "rich_text", "elements": .array(elements)]] }

    @Test func richTextSaysMore() throws {
        let blocks = Self.rich(
            [
                "type": "rich_text_section",
                "elements": [
                    ["type": "user", "user_id": "UBOT1"], ["type": "text", "text": " look at "],
                    ["type": "text", "text": "this ", "style": ["bold": true, "italic": true]],
                    ["type": "link", "url": "https://e.org/a_(b)", "text": "page"],
                    ["type": "text", "text": " a < b ", "style": ["code": true]],
                    ["type": "emoji", "name": "wave", "unicode": "1f44b-1f3fd"], ["type": "emoji", "name": "custom"],
                    ["type": "channel", "channel_id": "C1GEN"], ["type": "broadcast", "range": "here"],
                    ["type": "invented", "text": "new words"],
                ],
            ],
            [
                "type": "rich_text_list", "style": "ordered", "offset": 2,
                "elements": [["type": "rich_text_section", "elements": [["type": "text", "text": "three\nmore"]]]],
            ],
            [
                "type": "rich_text_list", "style": "bullet", "indent": 1,
                "elements": [["type": "rich_text_section", "elements": [["type": "text", "text": "inner"]]]],
            ],
            ["type": "rich_text_quote", "elements": [["type": "text", "text": "said\nso"]]],
            ["type": "rich_text_preformatted", "elements": [["type": "text", "text": "a ``` b"]]])
        let reading = Self.markup.read(text: "something else", blocks: blocks)
        #expect(
            reading.markdown == """
                look at **_this_** [page](https://e.org/a_%28b%29) `a < b` 👋🏽:custom:#general@herenew words
                3. three
                   more
                   - inner
                > said
                > so
                ````
                a ``` b
                ````
                """)
        #expect(reading.mentions == [.user("UBOT1"), .channel("C1GEN"), .broadcast(.here)])
    }

    @Test func withoutRichTextTheTextCounts() {
        let blocks: [JSONValue] = [
            ["type": "section", "text": ["type": "mrkdwn", "text": "no"]], ["type": "rich_text"],
        ]
        #expect(Self.markup.read(text: "yes", blocks: blocks).markdown == "yes")
    }

    @Test func randomTextKeepsItsWordsAndEnds() {
        var random = SeededGenerator(seed: 53)
        let marks = [
            "*", "~", "_", "`", "```", "<", ">", "|", "@", "#", "!", "&amp;", "&lt;", "\n", " ", "<@U1ADA>", "• ",
        ]
        for _ in 0..<1500 {
            var source = ""
            var words: [String] = []
            for number in 0..<30 {
                for _ in 0..<Int.random(in: 0..<4, using: &random) {
                    source += marks.randomElement(using: &random) ?? ""
                }
                words.append("Q\(number)Z")
                source += "Q\(number)Z"
            }
            // What stands in a token is what it names.
            let plain = source.replacing("<@U1ADA>", with: "").replacing("<", with: "")
            let read = Self.markup.read(text: plain).markdown
            var rest = read[...]
            for word in words {
                guard let range = rest.firstRange(of: word) else {
                    Issue.record("\(word) is lost in \(plain.debugDescription): \(read.debugDescription)")
                    return
                }
                rest = rest[range.upperBound...]
            }
            _ = Self.markup.read(text: source)
        }
    }

    @Test(arguments: ["*~", "*a ", "`", "<", "<@U1", "&", "```\n", "~*a"])
    func repetitionEnds(unit: String) {
        let text = String(repeating: unit, count: 40_000 / unit.count)
        let start = ContinuousClock.now
        _ = Self.markup.read(text: text)
        #expect(ContinuousClock.now - start < .seconds(60))
    }

    @Test func aCodeSpanKeepsWhatMarkdownWouldRead() {
        let reading = Self.markup.read(
            text: "",
            blocks: Self.rich([
                "type": "rich_text_section", "elements": [["type": "text", "text": "a`b", "style": ["code": true]]],
            ]))
        #expect(reading.markdown == "``a`b``")
    }
}
