import MCP
import Model
import Slack
import SlackAPI
import Store
import Testing

@Suite(.timeLimit(.minutes(5))) struct DelivererTests {
    @Test func anAnswerStandsInItsThreadWithAMarker() async throws {
        let stage = try await OutboundStage()
        let answer = try await stage.answer(try await stage.ask())
        try await stage.deliver()
        let posted = try #require(await stage.slack.messages["C0SALES"]?.last)
        #expect(posted.text == "the answer" && posted.thread == "1700000300.000100")
        #expect(posted.metadata?.payload["message"] == .string(answer.id.rawValue))
        let record = try #require(try await stage.database.posts(.message, of: answer.id.rawValue).first)
        #expect(record.ts == posted.ts && record.state == .up)
        stage.end()
    }

    /// Lesson 2: a crash between posting and recording, and the reply appears twice, or never.
    @Test(arguments: [true, false])
    func lesson2ACrashAroundThePostLeavesOneAnswer(afterDoing: Bool) async throws {
        let stage = try await OutboundStage()
        try await stage.answer(try await stage.ask())
        await stage.slack.fail("chat.postMessage", .hang(afterDoing: afterDoing))
        let first = Deliverer(stage.tools())
        let running = Task { await first.run() }
        await stage.slack.wait("chat.postMessage")
        running.cancel()
        await running.value
        #expect(await stage.slack.texts("C0SALES").count == (afterDoing ? 2 : 1))
        // The next process.
        try await stage.deliver()
        #expect(await stage.slack.texts("C0SALES") == ["root", "the answer"])
        stage.end()
    }

    @Test func aLostAnswerOfSlacksIsLookedForBeforeAnythingIsPostedAgain() async throws {
        let stage = try await OutboundStage()
        try await stage.answer(try await stage.ask())
        await stage.slack.fail("chat.postMessage", .after(.lost))
        // While nobody can look, nothing is posted.
        await stage.slack.fail("conversations.replies", .before(.down), .before(.down), .before(.down))
        try await stage.deliver()
        #expect(await stage.slack.texts("C0SALES") == ["root", "the answer"])
        #expect(await stage.slack.calls(of: "chat.postMessage") == 1)
        #expect(await stage.slack.calls(of: "conversations.replies") == 4)
        stage.end()
    }

    /// Lesson 3: a short outage, and the reply is gone while the transcript says it was sent.
    @Test func lesson3AnOutageIsWaitedForLongerAndLonger() async throws {
        let stage = try await OutboundStage()
        try await stage.answer(try await stage.ask())
        for _ in 0..<8 { await stage.slack.fail("chat.postMessage", .before(.down)) }
        try await stage.deliver()
        #expect(await stage.slack.texts("C0SALES") == ["root", "the answer"])
        let waits = stage.time.slept.filter { $0 >= .seconds(1) }
        #expect(waits.starts(with: [1, 2, 4, 8, 16, 32, 64, 128].map { .seconds($0) }), "\(waits)")
        stage.end()
    }

    @Test func afterTwoDaysWhoAskedIsToldInstead() async throws {
        let stage = try await OutboundStage()
        try await stage.answer(try await stage.ask())
        for _ in 0..<200 { await stage.slack.fail("chat.postMessage", .before(.down)) }
        let slack = stage.slack
        try await stage.deliver(until: { _ in
            try await stage.database.outboxStatus(surface: "slack", failedSince: .init(milliseconds: 0)).failed == 1
        })
        let tries = 200 - (await slack.failures(left: "chat.postMessage"))
        // Twelve up to an hour apart, then one an hour.
        #expect((50...70).contains(tries), "\(tries)")
        let direct = try await stage.database.dmChannel(of: stage.anna.id).id
        let told = try #require(try await stage.database.conversations(in: direct).first)
        let notice = try await stage.database.entries(of: told.id).last?.message.text
        #expect(notice?.contains("Slack could not be reached for two days. It was:\n\nthe answer") == true)
        stage.end()
    }

    @Test func slacksOwnWordOnWhenIsObeyed() async throws {
        let stage = try await OutboundStage()
        try await stage.answer(try await stage.ask())
        await stage.slack.fail(
            "chat.postMessage",
            .before(
                SlackError(
                    .transient, "ratelimited", method: "chat.postMessage", "Less.", retryAfter: .seconds(77))))
        try await stage.deliver()
        #expect(stage.time.slept.contains(.seconds(77)))
        stage.end()
    }

    @Test func aLongAnswerGoesOnAtThePartThatIsMissing() async throws {
        let stage = try await OutboundStage()
        let answer = try await stage.answer(try await stage.ask(), "one\n\ntwo\n\nthree")
        await stage.slack.fail("chat.postMessage", .before(.down), .after(.lost), .before(.down))
        try await stage.deliver()
        #expect(await stage.slack.texts("C0SALES") == ["root", "one", "two", "three"])
        #expect(try await stage.database.posts(.message, of: answer.id.rawValue).map(\.part) == [0, 1, 2])
        stage.end()
    }

    @Test func whatSomebodyElseMarkedKeepsNothingFromBeingSaid() async throws {
        let stage = try await OutboundStage()
        let answer = try await stage.answer(try await stage.ask())
        await stage.slack.put(
            "nothing to see", in: "C0SALES", thread: "1700000300.000100",
            metadata: SlackMetadata(
                eventType: "bulkhead_message", payload: ["message": .string(answer.id.rawValue), "part": 0]),
            botID: "B0EVIL")
        await stage.slack.fail("chat.postMessage", .before(.down))
        try await stage.deliver()
        #expect(await stage.slack.texts("C0SALES") == ["root", "nothing to see", "the answer"])
        stage.end()
    }

    @Test func whatIsSaidInOnePlaceKeepsItsOrderAndHoldsUpNoOther() async throws {
        let stage = try await OutboundStage()
        let first = try await stage.ask()
        let other = try await stage.ask(
            at: SlackAddress(channel: "C0OTHER", thread: SlackTimestamp("1700000300.000100")))
        await stage.slack.put(root: "1700000300.000100", in: "C0OTHER")
        for text in ["one", "two", "three"] {
            try await stage.database.addNotice(conversation: first.conversation, text: text)
        }
        try await stage.database.addNotice(conversation: other.conversation, text: "elsewhere")
        await stage.slack.fail("chat.postMessage", .before(.down), .before(.down), .before(.down), .before(.down))
        try await stage.deliver()
        #expect(await stage.slack.texts("C0SALES") == ["root", "one", "two", "three"])
        #expect(await stage.slack.texts("C0OTHER") == ["root", "elsewhere"])
        stage.end()
    }

    @Test func aTokenThatIsRefusedStopsEverythingAndLosesNothing() async throws {
        let stage = try await OutboundStage()
        for number in 0..<3 {
            let place = SlackAddress(channel: "C\(number)", thread: SlackTimestamp("1700000300.000100"))
            await stage.slack.put(root: "1700000300.000100", in: place.channel)
            try await stage.answer(try await stage.ask(at: place))
        }
        await stage.slack.fail("chat.postMessage", .before(.revoked), .before(.revoked), .before(.revoked))
        await stage.slack.fail("auth.test", .before(.revoked), .before(.revoked))
        try await stage.deliver()
        // One try each at most, then the token alone was asked about, twice in vain.
        #expect(await stage.slack.calls(of: "chat.postMessage") == 6)
        #expect(await stage.slack.calls(of: "auth.test") >= 3)
        for number in 0..<3 { #expect(await stage.slack.texts("C\(number)") == ["root", "the answer"]) }
        stage.end()
    }

    @Test func aRefusalIsSaid() async throws {
        let stage = try await OutboundStage(isHasty: false)
        try await stage.answer(try await stage.ask())
        await stage.slack.fail("chat.postMessage", .before(.revoked))
        try await stage.deliver(until: { $0.refusal?.contains("revoked") == true })
        #expect(
            try await stage.database.outboxStatus(surface: "slack", failedSince: .init(milliseconds: 0)).waiting == 1)
        stage.end()
    }

    @Test func whatSlackRefusesForGoodIsToldToWhoAskedOnce() async throws {
        let stage = try await OutboundStage()
        try await stage.answer(try await stage.ask())
        await stage.slack.fail("chat.postMessage", .before(.archived))
        try await stage.deliver()
        #expect(await stage.slack.texts("C0SALES") == ["root"])
        let told = await stage.slack.texts("D0ANNA")
        #expect(told.first == "I could not post this in Slack: the channel was archived. It was:")
        #expect(told.last == "the answer" && told.count == 2)
        stage.end()
    }

    @Test func anAnswerToAThreadThatIsGoneIsToldAndNotPostedWhereNobodySeesIt() async throws {
        let stage = try await OutboundStage()
        try await stage.answer(try await stage.ask())
        await stage.slack.remove("1700000300.000100", from: "C0SALES")
        try await stage.deliver()
        #expect(await stage.slack.texts("C0SALES").isEmpty)
        #expect(await stage.slack.texts("D0ANNA").first?.contains("the message it answers was deleted") == true)
        stage.end()
    }

    @Test func aPrivateAnswerOpensItsThreadInTheDirectConversation() async throws {
        let stage = try await OutboundStage()
        let question = try await stage.ask()
        _ = try await stage.begin(question, labels: .private)
        let done = try await stage.database.completePrivately(
            TurnCompletion(turn: question.id, kind: .assistant, text: "your salary"), notice: "I answered privately.")
        try await stage.deliver()
        #expect(await stage.slack.texts("C0SALES") == ["root", "I answered privately."])
        let first = try #require(await stage.slack.messages["D0ANNA"]?.first)
        #expect(first.text == "your salary" && first.thread == nil)
        try await stage.database.addNotice(conversation: done.answer.conversation, text: "more")
        try await stage.deliver()
        #expect(await stage.slack.messages["D0ANNA"]?.last?.thread == first.ts)
        stage.end()
    }

    @Test func nothingIsLostWhereNobodyCarriesIt() async throws {
        let stage = try await OutboundStage()
        try await stage.answer(try await stage.ask())
        stage.time.advance(by: .seconds(3600))
        #expect(
            try await stage.database.outboxStatus(surface: "slack", failedSince: .init(milliseconds: 0)).waiting == 1)
        try await stage.deliver()
        #expect(await stage.slack.texts("C0SALES") == ["root", "the answer"])
        stage.end()
    }
}
