import Conversations
import MCP
import Model
import Slack
import SlackAPI
import SlackText
import Store
import Testing

/// What people click is kept, then done: once, in order, in time, and only in the messages that were made with the button.
@Suite(.timeLimit(.minutes(5))) struct ClickTests {
    @Test func aClickIsKeptBeforeItIsDoneAndDoneOnce() async throws {
        let scene = try await ClickScene()
        let card = try await scene.card()
        let payload = ClickScene.payload(
            .allowOnce, card.id.rawValue, by: "U0ADA", in: card.channel, card.ts, trigger: "t1")
        try await scene.clicks().accept(payload)
        // Whoever accepted it ended before anything was done.
        #expect(try await scene.database.waitingSlackClicks() == 1)
        #expect(try await scene.state(card.id) == .pending)
        let next = scene.clicks()
        try await scene.settle(next)
        #expect(try await scene.state(card.id) == .allowed)
        #expect(await scene.slack.shown(in: "C0ROOM").contains("Allowed by Ada."))
        try await next.accept(payload)
        #expect(try await scene.database.waitingSlackClicks() == 0)
        #expect(await scene.slack.told.isEmpty)
    }

    /// It was done, and the process ended before it was written down that it was: nobody is told that they clicked twice.
    @Test func whatWasDoneBeforeACrashIsNoNews() async throws {
        let scene = try await ClickScene()
        let card = try await scene.card()
        let clicks = scene.clicks()
        try await clicks.accept(
            ClickScene.payload(.allowOnce, card.id.rawValue, by: "U0ADA", in: card.channel, card.ts, trigger: "t1"))
        let record = try #require(try await scene.database.dueSlackClicks().first)
        _ = try await scene.database.beginSlackClick(record.id)
        try await scene.service.answer(card.id, allow: true, scope: nil, reason: nil, by: scene.scene.ada)
        try await scene.settle(scene.clicks())
        #expect(try await scene.state(card.id) == .allowed)
        #expect(await scene.slack.told.isEmpty)
        // A second click is news.
        try await clicks.accept(
            ClickScene.payload(.allowOnce, card.id.rawValue, by: "U0ADA", in: card.channel, card.ts, trigger: "t2"))
        try await scene.settle(clicks)
        #expect(await scene.slack.told.last?.sentence.contains("answered already") == true)
    }

    @Test func buttonsCountOnlyInTheMessagesThatWereMadeWithThem() async throws {
        let scene = try await ClickScene()
        let (card, other) = (try await scene.card(), try await scene.card())
        let answer = try await scene.database.acceptInbound(
            InboundDraft(
                channel: try await scene.database.dmChannel(of: scene.scene.ada).id, author: scene.scene.ada,
                text: "x", surface: "web", eventID: "e")
        ).message.id.rawValue
        try await scene.database.recordPost(
            .message, of: answer, channel: "C0ROOM", thread: nil, ts: "1700000005.000001")
        let clicks = scene.clicks()
        let value = card.id.rawValue
        let forged: [JSONValue] = [
            // In a message that is none of ours, in one of another question, in an answer, in another channel.
            ClickScene.payload(.allowOnce, value, by: "U0ADA", in: "C0ROOM", "1700000009.000001", trigger: "f1"),
            ClickScene.payload(.allowOnce, value, by: "U0ADA", in: "C0ROOM", other.ts, trigger: "f2"),
            ClickScene.payload(.allowOnce, value, by: "U0ADA", in: "C0ROOM", "1700000005.000001", trigger: "f3"),
            ClickScene.payload(.allowOnce, value, by: "U0ADA", in: "C0OTHER", card.ts, trigger: "f4"),
            ClickScene.payload(.deny, value, by: "U0ADA", in: "C0ROOM", other.ts, trigger: "f5"),
            // In windows that have no such button.
            ClickScene.payload(
                .allowOnce, value, by: "U0ADA", view: ["type": "modal", "private_metadata": .string(value)],
                trigger: "f6"),
            ClickScene.payload(.answerBad, answer, by: "U0ADA", view: ["type": "home"], trigger: "f7"),
            ClickScene.payload(
                .undo, answer, by: "U0ADA", view: ["type": "modal", "private_metadata": "another"], trigger: "f8"),
            // An answer's button in a card.
            ClickScene.payload(.answerBad, answer, by: "U0ADA", in: "C0ROOM", card.ts, trigger: "f9"),
        ]
        for payload in forged { try await clicks.accept(payload) }
        try await scene.settle(clicks)
        #expect(try await scene.state(card.id) == .pending)
        #expect(try await scene.state(other.id) == .pending)
        #expect(await scene.slack.views.isEmpty)
        let told = await scene.slack.told.map(\.sentence)
        #expect(told == Array(repeating: "This button is for nothing that is here.", count: forged.count))
        #expect(try await scene.database.feedback(since: Timestamp(milliseconds: 0)).isEmpty)

        try await clicks.accept(
            ClickScene.payload(.allowOnce, value, by: "U0ADA", view: ["type": "home"], trigger: "g1"))
        try await clicks.accept(
            ClickScene.payload(
                .allowOnce, other.id.rawValue, by: "U0ADA", in: "C0ROOM", other.ts, trigger: "g2"))
        try await scene.settle(clicks)
        #expect(try await scene.state(card.id) == .allowed)
        #expect(try await scene.state(other.id) == .allowed)
    }

    /// Slack has the card, and nobody was told where: whoever presses it does not press in vain.
    @Test func aCardWhosePlaceWasLostIsFoundWhenItIsClicked() async throws {
        let scene = try await ClickScene()
        let id = try await scene.scene.question()
        await scene.slack.lose(true)
        await scene.scene.approvals.sweep()
        await scene.slack.lose(false)
        let card = try #require(await scene.slack.cards.last)
        let clicks = scene.clicks()
        try await clicks.accept(
            ClickScene.payload(.allowOnce, id.rawValue, by: "U0ADA", in: card.channel, card.ts.text, trigger: "t"))
        try await scene.settle(clicks)
        #expect(try await scene.state(id) == .allowed)
        #expect(await scene.slack.posts == 1)
    }

    @Test func aWindowOpensInTimeOrWhoeverClickedIsAskedToClickAgain() async throws {
        let scene = try await ClickScene()
        let card = try await scene.card()
        let clicks = scene.clicks()
        func details(_ trigger: String) -> JSONValue {
            ClickScene.payload(
                .approvalDetails, card.id.rawValue, by: "U0ADA", in: card.channel, card.ts, trigger: trigger)
        }
        try await clicks.accept(details("t1"))
        try await scene.settle(clicks)
        #expect(await scene.slack.views.count == 1)
        try await clicks.accept(details("t2"))
        scene.ahead.change { $0 = .seconds(3) }
        try await scene.settle(clicks)
        #expect(await scene.slack.views.count == 1)
        #expect(await scene.slack.told.map(\.user) == ["U0ADA"])
        #expect(await scene.slack.told.last?.sentence.contains("Please click again") == true)
        // A denial needs no window.
        try await clicks.accept(
            ClickScene.payload(.deny, card.id.rawValue, by: "U0ADA", in: card.channel, card.ts, trigger: "t3"))
        scene.ahead.change { $0 = .seconds(6) }
        try await scene.settle(clicks)
        #expect(try await scene.state(card.id) == .denied)
    }

    @Test func aWindowThatSlackDoesNotOpenIsNotWaitedForLonger() async throws {
        let scene = try await ClickScene()
        let card = try await scene.card()
        await scene.slack.hang()
        let clicks = scene.clicks()
        try await clicks.accept(
            ClickScene.payload(
                .approvalDetails, card.id.rawValue, by: "U0ADA", in: card.channel, card.ts, trigger: "t"))
        let start = ContinuousClock.now
        try await scene.settle(clicks)
        #expect(ContinuousClock.now - start < .seconds(20))
        #expect(await scene.slack.told.last?.sentence.contains("three seconds") == true)
    }

    /// Whom nobody knows has to be asked about, and Slack does not answer: who may is not kept waiting.
    @Test func outsidersKeepNobodyWaiting() async throws {
        let scene = try await ClickScene()
        let card = try await scene.card()
        var options = SlackClicks.Options()
        // As many accounts as there is room for.
        options.limits.ofOneOutsider = 1
        let clicks = scene.clicks(options)
        scene.unanswered.change { $0 = Set((0..<40).map { "UOUT\($0)" }) }
        for number in 0..<40 {
            for again in 0..<5 {
                try await clicks.accept(
                    ClickScene.payload(
                        .allowOnce, card.id.rawValue, by: "UOUT\(number)", in: card.channel, card.ts,
                        trigger: "o\(number).\(again)"))
            }
        }
        #expect(try await scene.database.waitingSlackClicks() == SlackClickLimits().ofOutsiders)
        try await clicks.accept(
            ClickScene.payload(.allowOnce, card.id.rawValue, by: "U0ADA", in: card.channel, card.ts, trigger: "t"))
        try await scene.running(clicks) { scene in
            try await scene.until { try await $0.state(card.id) == .allowed }
        }
        // Each that was let go was told.
        #expect(await scene.slack.told.count { $0.sentence.contains("more often than I can follow") } == 180)
    }

    @Test func whatHangsIsBrokenOffAndItsCardGoesOn() async throws {
        let scene = try await ClickScene()
        let card = try await scene.card()
        var options = SlackClicks.Options()
        options.deadline = .seconds(1)
        let clicks = scene.clicks(options)
        scene.unanswered.change { $0 = ["U0BEN"] }
        for user in ["U0BEN", "U0ADA"] {
            try await clicks.accept(
                ClickScene.payload(.allowOnce, card.id.rawValue, by: user, in: card.channel, card.ts, trigger: user))
        }
        try await scene.settle(clicks)
        #expect(try await scene.state(card.id) == .allowed)
        #expect(await scene.slack.told.map(\.user) == ["U0BEN"])
        #expect(await scene.slack.told.first?.sentence.contains("broken off") == true)
    }

    @Test func whatMayPassIsTriedAgainUntilItIsTooOld() async throws {
        let scene = try await ClickScene()
        let (card, late) = (try await scene.card(), try await scene.card())
        let clicks = scene.clicks()
        scene.failures.change { $0 = [SlackError(.transient, "unreachable", method: "users.info", "Slack is down.")] }
        try await clicks.accept(
            ClickScene.payload(.allowOnce, card.id.rawValue, by: "U0ADA", in: card.channel, card.ts, trigger: "t1"))
        try await scene.settle(clicks)
        #expect(try await scene.state(card.id) == .allowed)
        #expect(await scene.slack.told.isEmpty)
        try await clicks.accept(
            ClickScene.payload(.allowOnce, late.id.rawValue, by: "U0ADA", in: late.channel, late.ts, trigger: "t2"))
        scene.ahead.change { $0 = .seconds(601) }
        try await scene.settle(clicks)
        #expect(try await scene.state(late.id) == .pending)
        #expect(await scene.slack.told.last?.sentence.contains("could not be done in time") == true)
    }

    @Test func aCardsClicksKeepTheirOrderAndCardsGoBesideEachOther() async throws {
        let scene = try await ClickScene()
        let done = Mutexed<[String]>([])
        let clicks = scene.clicks { interaction in
            let value = interaction.clicks.first?.value ?? ""
            // The first card's first click waits for the other card's.
            let deadline = ContinuousClock.now + .seconds(20)
            while value == "a1", !done.value.contains("b1"), ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(5))
            }
            done.change { $0.append(value) }
        }
        for (value, user, ts) in [
            ("a1", "U0ADA", "1.000001"), ("a2", "U0BEN", "1.000001"), ("a3", "U0CLEO", "1.000001"),
            ("b1", "U0BEN", "2.000001"),
        ] {
            try await clicks.accept(
                ClickScene.payload(.answerGood, value, by: user, in: "C0ROOM", ts, trigger: value))
        }
        try await scene.settle(clicks)
        #expect(done.value == ["b1", "a1", "a2", "a3"])
    }

    @Test func stopEndsWhatItWasPressedForAndNothingThatCameAfter() async throws {
        let scene = try await ClickScene()
        let turn = try await scene.database.acceptInbound(
            InboundDraft(
                channel: try #require(try await scene.database.conversation(scene.scene.room)).channel,
                conversation: scene.scene.room, author: scene.scene.ada, text: "second", surface: "web", eventID: "s2")
        ).message
        try await scene.database.beginTurn([turn.id], session: scene.scene.roomSession)
        try await scene.database.recordPost(
            .progress, of: turn.id.rawValue, channel: "C0ROOM", thread: nil, ts: "3.000001")
        let clicks = scene.clicks()
        func press(_ trigger: String, _ conversation: ConversationID) async throws {
            try await clicks.accept(
                ClickScene.payload(
                    .stop, conversation.rawValue, by: "U0ADA", in: "C0ROOM", "3.000001", trigger: trigger))
            try await scene.settle(clicks)
        }
        // Not of that conversation.
        try await press("t1", scene.scene.direct)
        #expect(await scene.slack.told.last?.sentence == "This button is for nothing that is here.")
        try await press("t2", scene.scene.room)
        #expect(await scene.slack.told.count == 1)
        _ = try await scene.database.completeTurn(TurnCompletion(turn: turn.id, kind: .assistant, text: "done"))
        try await press("t3", scene.scene.room)
        #expect(await scene.slack.told.last?.sentence == "That is over already.")
    }
}

/// Work that is not kept.
@Suite struct FairQueueTests {
    @Test func nobodyTakesAllTheRoom() async throws {
        let queue = FairQueue<String>(ofOne: 3, ofAll: 6)
        #expect((0..<5).map { queue.add("a\($0)", of: "a") } == [true, true, true, false, false])
        #expect((0..<3).map { queue.add("b\($0)", of: "b") } == [true, true, true])
        #expect(!queue.add("c0", of: "c"))
        let done = Mutexed<[String]>([])
        let running = Task {
            await queue.run(parallel: 2) { item in
                // What one of them does takes until the other's are done.
                while item == "a0", done.value.count < 3 { await Task.yield() }
                done.change { $0.append(item) }
            }
        }
        while done.value.count < 6 { await Task.yield() }
        running.cancel()
        await running.value
        #expect(done.value == ["b0", "b1", "b2", "a0", "a1", "a2"])
        #expect(queue.add("c0", of: "c"))
    }
}
