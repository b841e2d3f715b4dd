import Logging
import MCP
import Model
import Slack
import SlackAPI
import Store
import TestSupport
import Testing

/// The way out against a Slack that Slack's own SDKs cannot tell from theirs.
@Suite(.timeLimit(.minutes(5))) struct SimulatedDeliveryTests {
    /// Ada asks in #general; what is answered goes to her thread.
    private struct Scene {
        let slack: SimulatedSlack
        let client: SlackClient
        let stage: OutboundStage
        let channel: String
        let question: MessageRecord

        init(answersWithin limit: Duration = .seconds(20), isHasty: Bool = true) async throws {
            slack = try await SimulatedSlack.started()
            client = try await slack.client(answersWithin: limit)
            stage = try await OutboundStage(isHasty: isHasty)
            channel = try await slack.id(of: "channels", "general")
            let posted = try await slack.act("ada", "post", ["channel": "general", "text": "plan?"])
            let ts = try #require(posted["ts"]?.stringValue)
            question = try await stage.ask(at: SlackAddress(channel: channel, thread: SlackTimestamp(ts)))
        }

        func tools(render: @escaping DeliveryTools.Render = OutboundStage.paragraphs) -> DeliveryTools {
            DeliveryTools(
                database: stage.database, slack: client, time: stage.time.slack, logger: stage.logger, render: render)
        }

        func place() async throws -> SlackAddress {
            let home = try await stage.database.home(of: question.conversation, on: "slack")
            return try #require(SlackAddress(home?.address ?? ""))
        }

        func deliver() async throws {
            try await stage.run(Deliverer(tools()))
        }

        func texts() async throws -> [String] {
            try await slack.answers(in: channel).compactMap { $0["text"]?.stringValue }
        }

        func end() async {
            await client.shutdown()
            stage.end()
        }
    }

    @Test(
        arguments: [
            ["kind": "lost_response"], ["kind": "reset"], ["kind": "status", "status": 503],
            ["kind": "ratelimited", "retry_after": 1], ["kind": "malformed"],
            ["kind": "error", "error": "fatal_error"],
        ] as [JSONObject])
    func whateverGoesWrongOnceTheAnswerStandsThereOnce(fault: JSONObject) async throws {
        let scene = try await Scene()
        var fault = fault
        fault["method"] = "chat.postMessage"
        try await scene.slack.fault(fault)
        try await scene.stage.answer(scene.question, "one\n\ntwo")
        try await scene.deliver()
        #expect(try await scene.texts() == ["one", "two"])
        await scene.end()
    }

    @Test func anAnswerThatDoesNotComeInTimeIsLookedFor() async throws {
        let scene = try await Scene(answersWithin: .milliseconds(500))
        try await scene.slack.fault(["method": "chat.postMessage", "kind": "timeout"])
        try await scene.stage.answer(scene.question)
        try await scene.deliver()
        #expect(try await scene.texts() == ["the answer"])
        #expect(try await scene.slack.calls(of: "conversations.replies") >= 2)
        await scene.end()
    }

    /// Lesson 2, with a real Slack's manners: the process is killed while its post is on the way.
    @Test func lesson2AProcessThatIsKilledInTheMiddlePostsNothingTwice() async throws {
        let scene = try await Scene()
        try await scene.slack.fault(["method": "chat.postMessage", "kind": "lost_response", "skip": 1])
        try await scene.stage.answer(scene.question, "one\n\ntwo\n\nthree")
        let first = Deliverer(scene.tools())
        let running = Task { await first.run() }
        try await scene.slack.control(
            "POST", "wait", ["kind": "fault", "where": [:], "count": 1, "after": 0, "seconds": 30])
        running.cancel()
        await running.value
        try await scene.deliver()
        #expect(try await scene.texts() == ["one", "two", "three"])
        await scene.end()
    }

    @Test func aDeletedQuestionIsAnsweredToWhoAskedAlone() async throws {
        let scene = try await Scene()
        let ada = try await scene.slack.id(of: "users", "ada")
        try await scene.stage.database.removeAccount("U0ANNA", on: "slack")
        try await scene.stage.database.saveAccount(ada, on: "slack", called: "ada", of: scene.stage.anna.id)
        let ts = try await scene.place().thread?.text ?? ""
        try await scene.slack.act("ada", "delete", ["channel": "general", "ts": .string(ts)])
        try await scene.stage.answer(scene.question)
        try await scene.deliver()
        #expect(try await scene.texts().isEmpty)
        let told = try await scene.slack.answers(in: "dm:ada").compactMap { $0["text"]?.stringValue }
        #expect(told.last == "the answer" && told.first?.contains("was deleted") == true)
        await scene.end()
    }

    @Test func aFileGoesUpOnce() async throws {
        let scene = try await Scene()
        let file = try await scene.stage.database.addAttachment(
            name: "plan.txt", mime: "text/plain", bytes: Array("plan".utf8), owner: scene.stage.anna.id,
            conversation: scene.question.conversation)
        try await scene.slack.fault(["method": "files.upload", "kind": "reset"])
        try await scene.slack.fault(["method": "files.completeUploadExternal", "kind": "lost_response"])
        try await scene.stage.answer(scene.question, attachments: [file.id])
        try await scene.deliver()
        let posted = try await scene.slack.answers(in: scene.channel)
        #expect(posted.count { $0["files"]?.arrayValue?.isEmpty == false } == 1)
        #expect(posted.last?["files"]?[0]?["name"] == "plan.txt")
        #expect(posted.allSatisfy { $0["orphan"] == false })
        await scene.end()
    }

    @Test func aStreamBecomesTheAnswer() async throws {
        let scene = try await Scene()
        let place = try await scene.place()
        let stream = try await scene.client.startStream(
            channel: place.channel, thread: place.thread?.text,
            recipient: SlackRecipient(
                user: try await scene.slack.id(of: "users", "ada"), team: try await scene.client.authTest().teamID),
            markdown: "the ans")
        let row = try await scene.stage.database.intendPost(
            .stream, of: scene.question.id.rawValue, channel: place.channel, thread: place.thread?.text)
        try await scene.stage.database.changePost(row.id, to: .up, ts: stream.ts)
        try await scene.stage.answer(scene.question)
        try await scene.slack.fault(["method": "chat.stopStream", "kind": "lost_response"])
        try await scene.deliver()
        #expect(try await scene.texts() == ["the answer"])
        #expect(try await scene.slack.answers(in: scene.channel).first?["stream"] == "stopped")
        await scene.end()
    }

    /// The answer to the beginning of a stream is lost: what Slack made is found, and becomes the answer.
    @Test func aStreamThatNobodyHeardOfBecomesTheAnswer() async throws {
        let scene = try await Scene()
        let place = try await scene.place()
        try await scene.slack.fault(["method": "chat.startStream", "kind": "lost_response"])
        _ = try await scene.stage.database.intendPost(
            .stream, of: scene.question.id.rawValue, channel: place.channel, thread: place.thread?.text)
        let recipient = SlackRecipient(
            user: try await scene.slack.id(of: "users", "ada"), team: try await scene.client.authTest().teamID)
        await #expect(throws: SlackError.self) {
            _ = try await scene.client.startStream(
                channel: place.channel, thread: place.thread?.text, recipient: recipient, markdown: "the ans")
        }
        try await scene.stage.answer(scene.question)
        try await scene.deliver()
        #expect(try await scene.texts() == ["the answer"])
        await scene.end()
    }

    @Test func aRevokedTokenStopsItAndAGoodOneGoesOn() async throws {
        let scene = try await Scene(isHasty: false)
        try await scene.slack.control("POST", "apps/helper", ["token": "token_revoked"])
        try await scene.stage.answer(scene.question)
        let deliverer = Deliverer(scene.tools())
        let running = Task { await deliverer.run() }
        while try await scene.slack.calls(of: "auth.test") < 2 { scene.stage.time.advance(by: .seconds(20)) }
        #expect(await deliverer.currentStatus().refusal?.contains("revoked") == true)
        try await scene.slack.control("POST", "apps/helper", ["token": ""])
        while try await scene.texts().isEmpty { scene.stage.time.advance(by: .seconds(20)) }
        running.cancel()
        await running.value
        #expect(try await scene.texts() == ["the answer"])
        await scene.end()
    }
}

extension OutboundStage {
    /// Until nothing waits any more.
    func run(_ deliverer: Deliverer) async throws {
        let changes = database.outboxChanges()
        let running = Task { await deliverer.run() }
        var iterator = changes.makeAsyncIterator()
        while try await database.outboxStatus(surface: "slack", failedSince: .init(milliseconds: 0)).waiting > 0 {
            _ = await iterator.next()
        }
        running.cancel()
        await running.value
    }
}
