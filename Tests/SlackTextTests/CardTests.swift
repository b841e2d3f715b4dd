import MCP
import SlackText
import Testing

@Suite struct CardTests {
    static func card(
        arguments: JSONValue = ["command": "rm -r build"], details: String? = nil, isDangerous: Bool = true,
        scopes: Set<ApprovalCard.Scope> = [.conversation, .channel], calls: [SlackMention] = []
    ) -> ApprovalCard {
        ApprovalCard(
            id: "apr_1", tool: "bash", effect: "destructive", isDangerous: isDangerous, arguments: arguments,
            reason: "It deletes <!channel> & more", requester: "Ada <@U12345>", approvers: "Ada", rule: "default",
            details: details, labels: ["outside content"], expires: 1_800_000_000, scopes: scopes, calls: calls)
    }

    @Test func aCardShowsWhatWouldRun() {
        let message = Self.card().message
        NothingPingsTests.expectSilent(message, "card")
        let check = BlockCheck(blocks: message.blocks)
        for words in [
            "Approval needed: bash (destructive), asked by Ada <@U12345>", "command: rm -r build",
            "It deletes <!channel> & more", "Rule: default. Decided by Ada. Open until", "outside content",
        ] {
            #expect(check.shown.contains(words), "\(words) in \(check.shown)")
        }
        #expect(
            check.actions.map(\.action) == [
                "approval.allow.once", "approval.allow.conversation", "approval.allow.channel", "approval.deny",
                "approval.details",
            ])
        #expect(check.actions.allSatisfy { $0.value == "apr_1" })
    }

    @Test func onlyTheReachesThatAreOfferedHaveButtons() {
        let check = BlockCheck(blocks: Self.card(scopes: []).message.blocks)
        #expect(check.actions.map(\.action) == ["approval.allow.once", "approval.deny", "approval.details"])
    }

    private static func buttons(_ card: ApprovalCard) -> [JSONValue] {
        card.message.blocks.last?["elements"]?.arrayValue ?? []
    }

    @Test func whatCannotBeTakenBackIsAskedTwice() {
        #expect(Self.buttons(Self.card())[0]["confirm"]?["style"] == "danger")
        #expect(Self.buttons(Self.card(isDangerous: false))[0]["confirm"] == nil)
        #expect(Self.buttons(Self.card(isDangerous: false))[1]["confirm"] != nil)
    }

    @Test func whatIsNotShownIsSaidAndAskedTwice() {
        let script = (0..<500).map { "line \($0)" }.joined(separator: "\n")
        let card = Self.card(arguments: ["script": .string(script)], isDangerous: false)
        let check = BlockCheck(blocks: card.message.blocks)
        #expect(check.problems == [])
        #expect(check.shown.contains("more lines)") && check.shown.contains("read all of it in Details first"))
        #expect(Self.buttons(card)[0]["confirm"] != nil)
        let modal = SlackModals.details(of: card)
        let all = BlockCheck(blocks: modal["blocks"]?.arrayValue ?? [])
        #expect(all.problems == [] && all.shown.contains("line 0\n") && all.shown.contains("line 499"))
    }

    /// Just below and just above what the card shows.
    @Test func theCardsLimit() {
        for (length, isCut) in [(2_392, false), (2_394, true)] {
            let card = Self.card(
                arguments: ["command": .string(String(repeating: "x", count: length))], isDangerous: false)
            #expect(BlockCheck(blocks: card.message.blocks).shown.contains("There is more") == isCut)
        }
    }

    @Test func manyArgumentsNeitherBreakNorHide() {
        let many = JSONValue.object(JSONObject((0..<400).map { ("name \($0) <!here>", .string("value \($0)")) }))
        for arguments: JSONValue in [many, [:], nil, ["a": ["b": [1, nil, "</x>"]]], ["e": ""], "text"] {
            let card = Self.card(arguments: arguments)
            NothingPingsTests.expectSilent(card.message, "\(arguments)")
            #expect(card.message.weight < 12_000)
            #expect(BlockCheck(blocks: SlackModals.details(of: card)["blocks"]?.arrayValue ?? []).problems == [])
        }
        #expect(BlockCheck(blocks: Self.card(arguments: many).message.blocks).shown.contains("There is more"))
    }

    @Test func thoseWhoAreAskedAreCalledOnce() {
        let card = Self.card(calls: [.user("U12345")])
        #expect(BlockCheck(blocks: card.message.blocks).calls == ["user U12345"])
        #expect(MrkdwnCheck(card.message.text).active == ["<@U12345>"])
        let outcome = card.message(.expired, at: 1_800_000_000)
        NothingPingsTests.expectSilent(outcome, "outcome")
    }

    @Test(arguments: [
        (ApprovalCard.Outcome.allowed(by: "Ada <!here>", reach: "this once"), "✅ Allowed by Ada <!here>, this once."),
        (.denied(by: "Ada", reason: "no <@U12345>"), "⛔ Denied by Ada: no <@U12345>"),
        (.denied(by: "Ada", reason: nil), "⛔ Denied by Ada."),
        (.expired, "⌛ Nobody answered in time. Nothing was run."),
        (.withdrawn, "✖️ Withdrawn: what it was about was stopped."),
    ])
    func outcomesSayWhoAndHaveNoButtons(outcome: ApprovalCard.Outcome, sentence: String) {
        for message in [
            Self.card().message(outcome, at: 1_700_000_000), ApprovalCard.message(outcome, tool: "b", at: 0),
        ] {
            NothingPingsTests.expectSilent(message, sentence)
            let check = BlockCheck(blocks: message.blocks)
            #expect(check.shown.contains(sentence) && check.actions.isEmpty)
        }
    }

    @Test func timesAreShownInTheReadersZone() {
        let element = Self.card().message(.expired, at: 1_709_210_096).blocks.last?["elements"]?[0]?["elements"]?[1]
        #expect(element?["type"] == "date" && element?["timestamp"] == 1_709_210_096)
        #expect(element?["fallback"] == "2024-02-29 12:34 UTC")
    }

    @Test func aThreadThatMayNotSeeItSeesNothingOfIt() {
        let message = ApprovalCard.placeholder(waitingFor: "Ada")
        let shown = BlockCheck(blocks: message.blocks).shown
        #expect(shown.contains("Ada") && !shown.contains("bash") && !message.text.contains("bash"))
        #expect(
            BlockCheck(blocks: ApprovalCard.placeholder(.denied(by: "Ada", reason: "x")).blocks).shown
                == "The approval was denied. ")
    }

    @Test func modalsKeepTheirLimits() {
        let huge = Self.card(
            arguments: ["a": .string(String(repeating: "long \u{202E}line\n", count: 40_000))],
            details: String(repeating: "d", count: 300_000))
        for modal in [
            SlackModals.details(of: huge),
            SlackModals.details(title: "Answer", String(repeating: "x\n", count: 99_999)),
            SlackModals.denial(of: "apr_1", tool: "bash"),
        ] {
            #expect((modal["title"]?["text"]?.stringValue?.utf16.count ?? 99) <= 24)
            let blocks = modal["blocks"]?.arrayValue ?? []
            #expect(blocks.count <= 100 && modal.text.utf16.count < 240_000)
            #expect(blocks.count < 50 || BlockCheck(blocks: Array(blocks.prefix(50))).problems == [])
        }
    }

    @Test func aDenialCarriesTheApprovalAndTheReason() {
        let modal = SlackModals.denial(of: "apr_1", tool: "bash")
        #expect(modal["private_metadata"] == "apr_1" && modal["callback_id"] == "approval.deny.form")
        func view(_ typed: JSONValue) -> JSONValue {
            ["state": ["values": ["reason": ["reason": ["type": "plain_text_input", "value": typed]]]]]
        }
        #expect(SlackModals.reason(in: view("not today")) == "not today")
        #expect(SlackModals.reason(in: view("  ")) == nil)
        #expect(SlackModals.reason(in: view(nil)) == nil)
        #expect(SlackModals.reason(in: ["state": [:]]) == nil)
        #expect(SlackModals.reason(in: view(.string(String(repeating: "x", count: 5_000))))?.utf16.count == 1_000)
    }

    @Test func answersHaveFootersAndProgress() {
        let footer = AnswerCards.footer(
            message: "msg_1", done: ["2 files changed"],
            sources: ["a <b>"] + (0..<40).map { "\($0)" + String(repeating: "s", count: 3_000) })
        #expect(BlockCheck(blocks: footer).problems == [])
        #expect(BlockCheck(blocks: footer).actions.map(\.value) == ["msg_1", "msg_1", "msg_1"])
        #expect(footer.count == 2 && JSONValue.array(footer).text.utf16.count < 1_500)
        #expect(AnswerCards.footer(message: "msg_1").count == 1)
        let steps = (0..<9).map { "step \($0) <!here> " + String(repeating: "y", count: 400) }
        NothingPingsTests.expectSilent(
            AnswerCards.progress("Thinking <!here>", steps: steps, stops: "cnv_1"), "progress")
        NothingPingsTests.expectSilent(AnswerCards.progress(""), "progress")
        NothingPingsTests.expectSilent(AnswerCards.notice("It failed: <!channel> @here"), "notice")
        NothingPingsTests.expectSilent(AnswerCards.notice(""), "notice")
        let post = AnswerCards.privateAnswer(message: "msg_1", place: "#general " + String(repeating: "z", count: 200))
        #expect(BlockCheck(blocks: post).problems == [])
    }
}
