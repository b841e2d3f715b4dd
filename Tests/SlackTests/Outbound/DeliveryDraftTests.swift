import Conversations
import MCP
import Model
import Slack
import SlackAPI
import Store
import Testing

/// The answer takes over the message in which it was watched being written.
@Suite(.timeLimit(.minutes(5))) struct DeliveryDraftTests {
    private func stream(_ stage: OutboundStage, of turn: MessageID, kind: SlackPostRecord.Kind = .stream) async throws
        -> String
    {
        let ts = await stage.slack.put("the ans", in: "C0SALES", thread: "1700000300.000100")
        let row = try await stage.database.intendPost(
            kind, of: turn.rawValue, channel: "C0SALES", thread: "1700000300.000100")
        try await stage.database.changePost(row.id, to: .up, ts: ts, reference: kind == .progress ? "draft" : nil)
        return ts
    }

    @Test(arguments: [SlackPostRecord.Kind.stream, .progress])
    func theAnswerFinishesItAndIsNotPostedBeside(kind: SlackPostRecord.Kind) async throws {
        let stage = try await OutboundStage()
        let question = try await stage.ask()
        let ts = try await stream(stage, of: question.id, kind: kind)
        let answer = try await stage.answer(question)
        // Slack has changed it and nobody heard: again, and no second one.
        await stage.slack.fail("chat.update", .after(.down))
        try await stage.deliver()
        #expect(await stage.slack.texts("C0SALES") == ["root", "the answer"])
        let posted = try #require(await stage.slack.messages["C0SALES"]?.last)
        #expect(posted.ts == ts && posted.metadata?.payload["message"] == .string(answer.id.rawValue))
        #expect(posted.stream == (kind == .stream ? "stopped" : nil))
        #expect(try await stage.database.openPosts([.stream, .progress]).isEmpty)
        stage.end()
    }

    /// Slack made it, and the connection broke before anybody heard of that: no half answer is left behind.
    @Test func oneWhoseBeginningNobodyHeardOfBecomesTheAnswer() async throws {
        let stage = try await OutboundStage()
        let question = try await stage.ask()
        let thread = "1700000300.000100"
        // Of other programs, and of ours what is known.
        await stage.slack.put("somebody else's", in: "C0SALES", thread: thread, botID: "B0OTHER")
        let known = await stage.slack.put("of an earlier turn", in: "C0SALES", thread: thread)
        try await stage.database.recordPost(
            .message, of: "earlier", channel: "C0SALES", thread: thread, ts: known)
        let lost = await stage.slack.put("the ans", in: "C0SALES", thread: thread)
        _ = try await stage.database.intendPost(
            .stream, of: question.id.rawValue, channel: "C0SALES", thread: thread)
        try await stage.answer(question)
        try await stage.deliver()
        #expect(
            await stage.slack.texts("C0SALES") == ["root", "somebody else's", "of an earlier turn", "the answer"])
        #expect(await stage.slack.messages["C0SALES"]?.last?.ts == lost)
        #expect(try await stage.database.openPosts([.stream]).isEmpty)
        stage.end()
    }

    /// It may appear a moment after it was looked for.
    @Test func whatAppearsOnlyThenIsLookedForAgain() async throws {
        let stage = try await OutboundStage()
        let question = try await stage.ask()
        _ = try await stage.database.intendPost(
            .stream, of: question.id.rawValue, channel: "C0SALES", thread: "1700000300.000100")
        try await stage.answer(question)
        try await stage.deliver()
        #expect(try await stage.database.openPosts([.stream]).count == 1)
        await stage.slack.put("the ans", in: "C0SALES", thread: "1700000300.000100")
        let life = SignsOfLife(
            database: stage.database, slack: stage.slack, hub: EventHub(), time: stage.time.slack, logger: stage.logger)
        let running = Task { await life.run() }
        while try await !stage.database.openPosts([.stream]).isEmpty { await Task.yield() }
        running.cancel()
        await running.value
        #expect(await stage.slack.texts("C0SALES") == ["root", "the answer"])
        stage.end()
    }

    @Test func whereItBrokeTheAnswerIsPostedAnewAndThePieceTakenAway() async throws {
        let stage = try await OutboundStage()
        let question = try await stage.ask()
        _ = try await stream(stage, of: question.id)
        try await stage.answer(question)
        await stage.slack.fail(
            "chat.update", .before(SlackError(.permanent, "cant_update_message", method: "chat.update", "No.")))
        try await stage.deliver()
        #expect(await stage.slack.texts("C0SALES") == ["root", "the answer"])
        #expect(try await stage.database.openPosts([.stream]).isEmpty)
        stage.end()
    }

    @Test func aMessageOfProgressGoesWhenTheAnswerIsThere() async throws {
        let stage = try await OutboundStage()
        let question = try await stage.ask()
        let ts = await stage.slack.put("Thinking · 12 s", in: "C0SALES", thread: "1700000300.000100")
        let row = try await stage.database.intendPost(
            .progress, of: question.id.rawValue, channel: "C0SALES", thread: "1700000300.000100")
        try await stage.database.changePost(row.id, to: .up, ts: ts, reference: "words")
        try await stage.answer(question)
        try await stage.deliver()
        // A new message: a change of the old one would tell nobody.
        #expect(await stage.slack.texts("C0SALES") == ["root", "the answer"])
        #expect(await stage.slack.messages["C0SALES"]?.last?.ts != ts)
        #expect(try await stage.database.openPosts([.progress]).isEmpty)
        stage.end()
    }

    @Test func nothingIsFinishedWhileSomebodyStillWritesInIt() async throws {
        let stage = try await OutboundStage()
        let question = try await stage.ask()
        _ = try await stream(stage, of: question.id)
        try await stage.answer(question)
        let desk = Desk(slack: stage.slack)
        try await stage.deliver(live: desk)
        #expect(await desk.handedOver == [question.id])
        // Asked for before the first change.
        #expect(await desk.changesBefore == 0)
        stage.end()
    }

    private actor Desk: LiveTurns {
        let slack: FakeSlack
        private(set) var handedOver: [MessageID] = []
        private(set) var changesBefore = 0

        init(slack: FakeSlack) { self.slack = slack }

        func handOver(_ turn: MessageID) async {
            handedOver.append(turn)
            changesBefore = await slack.calls(of: "chat.update")
        }
    }
}
