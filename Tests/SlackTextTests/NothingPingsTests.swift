import MCP
import SlackText
import TestSupport
import Testing

/// Whatever a model writes, nobody is called by it and nothing is hidden in it.
@Suite struct NothingPingsTests {
    static let calls = [
        "<!channel>", "<!here>", "<!everyone>", "<!here|here>", "<!subteam^S12345>", "<!subteam^S12345|@team>",
        "<@U12345>",
        "<@W12345|ada>", "<#C12345>", "<#C12345|general>", "@channel", "@here", "@everyone", "@CHANNEL",
        "<!date^1^{date}|x>",
        "&lt;!channel&gt;", "<<!channel>>", "<!channel", "\\<!channel\\>", "<!chan**nel>**", "`<!here>`",
    ]

    /// Nobody is called, by any part of it.
    static func expectSilent(_ message: BlockMessage, _ source: String) {
        let check = BlockCheck(blocks: message.blocks)
        #expect(check.problems.isEmpty, "\(check.problems) for \(source.debugDescription)")
        #expect(check.calls.isEmpty, "\(check.calls) for \(source.debugDescription)")
        let fallback = MrkdwnCheck(message.text)
        #expect(fallback.active.isEmpty, "\(fallback.active) for \(source.debugDescription)")
        #expect(!message.text.isEmpty && message.text.utf16.count <= 4_000)
        for text in [check.shown, message.text] {
            #expect(!text.unicodeScalars.contains(where: Self.isHidden), "for \(source.debugDescription)")
        }
    }

    /// What turns lines around, or takes up no room: written as text of any script it has no business in an answer. Our own
    /// word joiner aside.
    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x200B, 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069, 0xFEFF, 0xAD, 0xE0000...0xE007F, 0x00...0x08,
            0x1B:
            true
        default: false
        }
    }

    @Test(arguments: calls)
    func aCallIsShownEverywhere(call: String) {
        for frame in [
            "%", "# %", "### %", "- %", "> %", "| a |\n|--|\n| % |", "**%**", "[%](https://e.org)", "```\n%\n```",
            "![%](https://e.org/%)", "1. x\n   %", "- [ ] %", "https://e.org/%",
        ] {
            let source = frame.replacing("%", with: call)
            for message in MarkdownToSlack().render(source).messages + MarkdownToSlack().draft(source) {
                Self.expectSilent(message, source)
            }
        }
    }

    @Test func whatIsShownIsWhatWasTyped() {
        let shown = BlockCheck(
            blocks: MarkdownToSlack().render("<!channel> and <@U12345> and @here").messages[0].blocks
        ).shown
        #expect(shown == "<!channel> and <@U12345> and @here\n")
    }

    @Test func whoIsAllowedIsCalled() {
        let allowed: Set<SlackMention> = [.user("U12345"), .broadcast(.here)]
        let message = MarkdownToSlack(mentions: allowed).render(
            "hi <@U12345>, <@U99999>, <!here>, <!channel> `<@U12345>`"
        )
        .messages[0]
        #expect(BlockCheck(blocks: message.blocks).calls == ["user U12345", "broadcast here"])
        #expect(MrkdwnCheck(message.text).active == ["<@U12345>", "<!here>"])
    }

    @Test func randomTextCallsNobodyAndLosesNoWord() {
        var random = SeededGenerator(seed: 41)
        for round in 0..<1500 {
            let (source, words) = Self.adversarial(&random, words: round % 40 + 1)
            let answer = MarkdownToSlack().render(source)
            for message in answer.messages { Self.expectSilent(message, source) }
            guard answer.file == nil else { continue }
            let shown = answer.messages.map { BlockCheck(blocks: $0.blocks).shown }.joined(separator: "\n")
            var rest = shown[...]
            for word in words {
                guard let range = rest.firstRange(of: word) else {
                    Issue.record("\(word) is lost in \(source.debugDescription): \(shown.debugDescription)")
                    return
                }
                rest = rest[range.upperBound...]
            }
        }
    }

    @Test func hostileTextCallsNobody() {
        var random = SeededGenerator(seed: 43)
        for _ in 0..<400 {
            let source = random.hostileText(length: 200)
            for message in MarkdownToSlack().render(source).messages { Self.expectSilent(message, source) }
            for message in MarkdownToSlack().draft(source) { Self.expectSilent(message, source) }
        }
    }

    /// Words of letters that are no mark, each once, between every kind of mark; and these words in their order. Not within
    /// fences' first lines and addresses, which readers do not see as they stand.
    static func adversarial(_ random: inout SeededGenerator, words count: Int) -> (String, [String]) {
        let marks =
            [
                "**", "*", "_", "`", "~~", "\n", "\n\n", "\n- ", "\n  - ", "\n1. ", "\n> ", "\n# ", "\n### ", " ", " ",
                " ", "\\",
                "<", ">", "&", "&amp;", "|", "[", "]", "(", ")", "!", "\n---\n", "\t", "\r\n",
                "\n| a | b |\n|---|---|\n| ", " | ",
                "\n- [ ] ", "<br>", "\u{202E}", "\u{200B}", "@", "#",
            ] + calls
        var source = ""
        var words: [String] = []
        for number in 0..<count {
            for _ in 0..<Int.random(in: 0..<5, using: &random) { source += marks.randomElement(using: &random) ?? "" }
            let word = "Q" + String(number + 1000).map { Self.letters[Int(String($0)) ?? 0] }.joined() + "Z"
            source += word
            words.append(word)
        }
        // What would be a link's address is not shown as it stands where its words are.
        // And what opens a fence is followed by the name of a language.
        return (
            source.replacing("](", with: "] (").replacing("```", with: "``").replacing("~~~", with: "~~ "), words
        )
    }

    private static let letters = ["A", "B", "C", "D", "E", "F", "G", "H", "I", "J"]
}
