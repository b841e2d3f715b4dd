import Conversations
import MCP
import Model
import Slack
import SlackAPI
import Store
import Testing

@Suite(.timeLimit(.minutes(5))) struct SignsOfLifeTests {
    private struct Scene {
        let stage: OutboundStage
        let hub = EventHub()
        let life: SignsOfLife
        let running: Task<Void, Never>

        init(_ stage: OutboundStage, settings: LifeSettings = LifeSettings()) {
            self.stage = stage
            let life = SignsOfLife(
                database: stage.database, slack: stage.slack, hub: hub, settings: settings, time: stage.time.slack,
                logger: stage.logger)
            self.life = life
            running = Task { await life.run() }
        }

        func accept(_ message: MessageRecord) {
            guard let ts = SlackTimestamp("1700000300.000100") else { return }
            life.accept(
                SlackTakenMessage(
                    channel: "C0SALES", ts: ts, user: "U0ANNA", team: "T0", message: message.id,
                    conversation: message.conversation))
        }

        func end() async {
            running.cancel()
            await running.value
            stage.end()
        }

        var reactions: [String] {
            get async { await stage.slack.messages["C0SALES"]?.first?.reactions ?? [] }
        }
    }

    /// Waits until all rows of these kinds are off the books.
    private func cleared(_ stage: OutboundStage, _ kinds: [SlackPostRecord.Kind]) async throws {
        while try await !stage.database.openPosts(kinds).isEmpty { await Task.yield() }
    }

    /// Waits for a running `SignsOfLife` to listen.
    private func begin(_ scene: Scene, _ message: MessageRecord, labels: Labels = []) async throws -> SessionRecord {
        while !scene.hub.hasOnlookers { await Task.yield() }
        scene.hub.turnStarted(in: message.conversation)
        return try await scene.stage.begin(message, labels: labels)
    }

    private func finish(_ scene: Scene, _ message: MessageRecord) async throws {
        try await scene.stage.database.completeTurn(
            TurnCompletion(turn: message.id, kind: .assistant, text: "the answer"))
        scene.hub.publish(.done, in: message.conversation)
    }

    @Test func aMessageIsSeenToBeTakenAndThenAnswered() async throws {
        let scene = Scene(try await OutboundStage(isHasty: false))
        let question = try await scene.stage.ask()
        scene.accept(question)
        await scene.stage.slack.wait("reactions.add")
        #expect(await scene.reactions == ["eyes"])
        _ = try await begin(scene, question)
        try await finish(scene, question)
        try await cleared(scene.stage, [.reaction])
        #expect(await scene.reactions.isEmpty)
        await scene.end()
    }

    @Test func aReactionThatComesAfterTheAnswerGoesAgain() async throws {
        let scene = Scene(try await OutboundStage(isHasty: false))
        let question = try await scene.stage.ask()
        try await scene.stage.answer(question)
        scene.accept(question)
        let second = try await scene.stage.ask("and?", in: question.conversation)
        scene.accept(second)
        await scene.stage.slack.wait("reactions.add")
        // The first one, answered before, was not even begun with.
        #expect(await scene.stage.slack.calls(of: "reactions.add") == 1)
        await scene.end()
    }

    /// Lesson 8: ten minutes of "typing" and no sign of life; an hourglass left behind for hours after nothing more will
    /// come.
    @Test func lesson8NothingIsLeftBehindByACrash() async throws {
        let stage = try await OutboundStage(isHasty: false)
        let question = try await stage.ask()
        let slack = stage.slack
        let (channel, thread) = ("C0SALES", "1700000300.000100")
        _ = try await slack.react("eyes", to: SlackPosted(channel: channel, ts: thread))
        _ = try await stage.database.intendPost(
            .reaction, of: question.id.rawValue, channel: channel, ts: thread, reference: "eyes")
        // Known to be there, and posted without anybody having heard of it.
        let stream = await slack.put("the ans", in: channel, thread: thread)
        let row = try await stage.database.intendPost(
            .stream, of: question.id.rawValue, channel: channel, thread: thread)
        try await stage.database.changePost(row.id, to: .up, ts: stream)
        await slack.put(
            "Thinking · 12 s", in: channel, thread: thread,
            metadata: SlackMetadata(
                eventType: "bulkhead_progress", payload: ["turn": .string(question.id.rawValue)]))
        _ = try await stage.database.intendPost(
            .progress, of: question.id.rawValue, channel: channel, thread: thread)
        _ = try await stage.database.intendPost(
            .status, of: question.id.rawValue, channel: channel, thread: thread)
        try await slack.setStatus(channel: channel, thread: thread, "is thinking…", loading: [], face: nil)
        _ = try await stage.database.cancelPending(in: question.conversation, author: stage.anna.id)

        let scene = Scene(stage)
        try await cleared(stage, [.reaction, .stream, .progress, .status])
        #expect(await scene.reactions.isEmpty)
        #expect(await slack.texts(channel) == ["root"])
        #expect(await slack.statuses["C0SALES/\(thread)"] == "")
        await scene.end()
    }

    @Test func lesson8WhatSlackCannotDoNowIsDoneLater() async throws {
        let scene = Scene(try await OutboundStage(isHasty: false))
        let question = try await scene.stage.ask()
        scene.accept(question)
        await scene.stage.slack.wait("reactions.add")
        _ = try await begin(scene, question)
        await scene.stage.slack.fail("reactions.remove", .before(.down))
        try await finish(scene, question)
        await scene.stage.slack.wait("reactions.remove")
        #expect(await scene.reactions == ["eyes"])
        while try await !scene.stage.database.openPosts([.reaction]).isEmpty {
            scene.stage.time.advance(by: .seconds(60))
            // So that what is under way gets on before more time passes.
            try await Task.sleep(for: .milliseconds(1))
        }
        #expect(await scene.reactions.isEmpty)
        await scene.end()
    }

    @Test func lesson8ALongTurnSaysWhatItDoes() async throws {
        var settings = LifeSettings()
        settings.showsStatus = false
        let scene = Scene(try await OutboundStage(isHasty: false), settings: settings)
        let question = try await scene.stage.ask()
        _ = try await begin(scene, question)
        while await scene.stage.slack.calls(of: "chat.update") < 3 {
            scene.stage.time.advance(by: .seconds(1))
            // So that what is under way gets on before more time passes.
            try await Task.sleep(for: .milliseconds(1))
        }
        let shown = await scene.stage.slack.texts("C0SALES")
        #expect(shown.count == 2 && shown[1].hasPrefix("Starting · "))
        // Its turn over without an answer on its way, it goes.
        try await scene.stage.database.returnToInbox(turn: question.id)
        _ = try await scene.stage.database.cancelPending(in: question.conversation, author: scene.stage.anna.id)
        scene.hub.publish(.done, in: question.conversation)
        try await cleared(scene.stage, [.progress])
        #expect(await scene.stage.slack.texts("C0SALES") == ["root"])
        await scene.end()
    }

    @Test func anAnswerIsSeenBeingWrittenAndIsThenTheAnswer() async throws {
        let scene = Scene(try await OutboundStage(isHasty: false))
        let question = try await scene.stage.ask()
        scene.accept(question)
        await scene.stage.slack.wait("reactions.add")
        _ = try await begin(scene, question)
        while !scene.hub.hasReaders(of: question.conversation) { await Task.yield() }
        scene.hub.publish(.draft(text: "the ans", reset: true), in: question.conversation)
        while await scene.stage.slack.calls(of: "chat.startStream") == 0 {
            scene.stage.time.advance(by: .milliseconds(500))
            // So that what is under way gets on before more time passes.
            try await Task.sleep(for: .milliseconds(1))
        }
        try await finish(scene, question)
        try await scene.stage.deliver(live: scene.life)
        #expect(await scene.stage.slack.texts("C0SALES") == ["root", "the answer"])
        #expect(await scene.stage.slack.messages["C0SALES"]?.last?.stream == "stopped")
        await scene.end()
    }

    @Test(arguments: [Labels.private, .untrusted])
    func nothingOfASessionThatIsNotForAllIsShownBeingWritten(labels: Labels) async throws {
        var settings = LifeSettings()
        settings.showsStatus = false
        let scene = Scene(try await OutboundStage(isHasty: false), settings: settings)
        let question = try await scene.stage.ask()
        scene.accept(question)
        await scene.stage.slack.wait("reactions.add")
        let session = try await begin(scene, question)
        while !scene.hub.hasReaders(of: question.conversation) { await Task.yield() }
        scene.hub.publish(.draft(text: "harmless", reset: true), in: question.conversation)
        while await scene.stage.slack.calls(of: "chat.startStream") == 0 {
            scene.stage.time.advance(by: .milliseconds(500))
            // So that what is under way gets on before more time passes.
            try await Task.sleep(for: .milliseconds(1))
        }
        try await scene.stage.database.label(session.id, adding: labels)
        // As the conversation does for what is private; what is untrusted is still published.
        if labels == .private { scene.hub.restrict(question.conversation, to: scene.stage.anna.id) }
        scene.hub.publish(.draft(text: "SECRET", reset: false), in: question.conversation)
        while await scene.stage.slack.calls(of: "chat.delete") == 0 {
            scene.stage.time.advance(by: .milliseconds(500))
            // So that what is under way gets on before more time passes.
            try await Task.sleep(for: .milliseconds(1))
        }
        while await scene.stage.slack.calls(of: "chat.update") < 2 {
            scene.stage.time.advance(by: .seconds(1))
            // So that what is under way gets on before more time passes.
            try await Task.sleep(for: .milliseconds(1))
        }
        let shown = await (scene.stage.slack.messages["C0SALES"] ?? []).map { $0.text + $0.blocks }.joined()
        #expect(!shown.contains("SECRET") && !shown.contains("harmless"))
        await scene.end()
    }

    @Test func whatTheWorkspaceDoesNotHaveIsNotAskedForAgain() async throws {
        let scene = Scene(try await OutboundStage(isHasty: false))
        await scene.stage.slack.fail(
            "assistant.threads.setStatus",
            .before(SlackError(.auth, "missing_scope", method: "assistant.threads.setStatus", "No.")))
        let question = try await scene.stage.ask()
        _ = try await begin(scene, question)
        while await scene.stage.slack.calls(of: "assistant.threads.setStatus") == 0 {
            scene.stage.time.advance(by: .seconds(1))
            try await Task.sleep(for: .milliseconds(1))
        }
        while await scene.stage.slack.calls(of: "chat.postMessage") == 0 {
            scene.stage.time.advance(by: .seconds(1))
            // So that what is under way gets on before more time passes.
            try await Task.sleep(for: .milliseconds(1))
        }
        #expect(await scene.stage.slack.calls(of: "assistant.threads.setStatus") == 1)
        await scene.end()
    }
}
