import Model
import Store
import Testing

@Suite struct TurnTests {
    @Test func aTurnTakesItsMessagesAndAnswersThemOnce() async throws {
        let fixture = try await Fixture()
        let database = fixture.database
        let first = try await fixture.say("do this", as: fixture.anna)
        let session = try await fixture.session(of: fixture.anna, in: first.conversation)
        let turn = try await database.beginTurn([first.id], session: session.id)
        #expect(turn == first.id)
        let more = try await fixture.say("and that", as: fixture.anna, in: first.conversation)
        _ = try await fixture.say("me too", as: fixture.ben, in: first.conversation)
        #expect(try await database.takeFollowUps(turn: turn).map(\.id) == [more.id])
        #expect(try await database.takeFollowUps(turn: turn).isEmpty)
        #expect(try await database.runningTurn(in: first.conversation)?.messages.map(\.id) == [first.id, more.id])

        try await database.startToolCall(
            ToolCallDraft(
                id: CallID(trusted: "call1"), session: session.id, turn: turn, tool: "bash", effect: .write,
                arguments: "{}"))
        let answers = await withTaskGroup(of: StoreError.Code?.self) { group in
            for number in 0..<20 {
                group.addTask {
                    await code {
                        try await database.completeTurn(
                            TurnCompletion(
                                turn: turn, kind: .assistant, text: "done \(number)",
                                deliveries: [Delivery(surface: "slack", address: "C1")]))
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(answers.count { $0 == nil } == 1)
        #expect(answers.count { $0 == .conflict } == 19)
        let entries = try await database.entries(of: first.conversation)
        #expect(entries.count { $0.message.kind == .assistant } == 1)
        #expect(entries.last?.toolCalls.map(\.tool) == ["bash"])
        #expect(try await database.claimOutbox(surface: "slack").count == 1)
        #expect(try await database.pending(in: first.conversation).map(\.text) == ["me too"])
        #expect(try await database.message(more.id)?.state == .done)
        #expect(await code { try await database.takeFollowUps(turn: turn) } == .conflict)
    }

    @Test func aConversationHasOneTurnAndASessionOnePerson() async throws {
        let fixture = try await Fixture()
        let first = try await fixture.say("one", as: fixture.anna)
        let second = try await fixture.say("two", as: fixture.ben, in: first.conversation)
        let annas = try await fixture.session(of: fixture.anna, in: first.conversation)
        let bens = try await fixture.session(of: fixture.ben, in: first.conversation)
        #expect(await code { try await fixture.database.beginTurn([second.id], session: annas.id) } == .forbidden)
        #expect(
            await code { try await fixture.database.beginTurn([first.id, second.id], session: annas.id) } == .forbidden)
        #expect(try await fixture.database.message(first.id)?.state == .pending)
        try await fixture.database.beginTurn([first.id], session: annas.id)
        #expect(await code { try await fixture.database.beginTurn([second.id], session: bens.id) } == .conflict)
        #expect(await code { try await fixture.session(of: fixture.anna, in: first.conversation) } == .conflict)
        #expect(await code { try await fixture.database.beginTurn([], session: bens.id) } == .invalid)
        try await fixture.database.endSession(bens.id, reason: "idle")
        #expect(await code { try await fixture.database.beginTurn([second.id], session: bens.id) } == .conflict)
    }

    @Test func whatADaemonLeftUnfinishedIsFound() async throws {
        let fixture = try await Fixture()
        let first = try await fixture.say("one", as: fixture.anna)
        let session = try await fixture.session(of: fixture.anna, in: first.conversation)
        try await fixture.database.beginTurn([first.id], session: session.id)
        fixture.database.close()

        let again = try Store.Database(directory: fixture.folder.path)
        let turn = try #require(try await again.unfinishedTurns().first)
        #expect(turn.requester == fixture.anna.id && turn.session == session.id)
        #expect(try await again.endAllSessions(reason: "the daemon was restarted").map(\.id) == [session.id])
        try await again.returnToInbox(turn: turn.turn)
        #expect(try await again.unfinishedTurns().isEmpty)
        let waiting = try #require(try await again.nextPending(in: first.conversation))
        #expect(waiting.attempts == 1 && waiting.turn == nil && waiting.session == nil)
        let fresh = try await again.startSession(conversation: first.conversation, requester: fixture.anna.id)
        try await again.beginTurn([waiting.id], session: fresh.id)
        let notice = try await again.completeTurn(TurnCompletion(turn: waiting.id, kind: .notice, text: "sorry"))
        #expect(notice.kind == .notice && notice.inReplyTo == first.id)
    }

    @Test func publishedFilesGoWithTheAnswer() async throws {
        let fixture = try await Fixture()
        let first = try await fixture.say("one", as: fixture.anna)
        let session = try await fixture.session(of: fixture.anna, in: first.conversation)
        let turn = try await fixture.database.beginTurn([first.id], session: session.id)
        let file = try await fixture.database.addAttachment(
            name: "report.pdf", mime: "application/pdf", bytes: [7], owner: fixture.anna.id,
            conversation: first.conversation)
        let answer = try await fixture.database.completeTurn(
            TurnCompletion(turn: turn, kind: .assistant, text: "here", attachments: [file.id]))
        #expect(try await fixture.database.entry(answer.id)?.attachments.map(\.name) == ["report.pdf"])
        #expect(try await fixture.database.mayRead(attachment: file.id, person: fixture.ben.id))
    }

    @Test func deliveriesAreRetriedAndSettledOnce() async throws {
        let fixture = try await Fixture()
        let first = try await fixture.say("one", as: fixture.anna)
        try await fixture.database.addNotice(
            conversation: first.conversation, text: "note", deliveries: [Delivery(surface: "slack", address: "C1")])
        let delivery = try #require(try await fixture.database.claimOutbox(surface: "slack").first)
        #expect(delivery.attempts == 0 && delivery.text == "note")
        let later = fixture.clock.wall.now().advanced(by: .seconds(30))
        try await fixture.database.markFailed(delivery.id, error: "429", retryAt: later)
        #expect(try await fixture.database.claimOutbox(surface: "slack").isEmpty)
        fixture.clock.advance(by: .seconds(31))
        let again = try #require(try await fixture.database.claimOutbox(surface: "slack").first)
        #expect(again.attempts == 1 && again.lastError == "429")
        try await fixture.database.markDelivered(again.id, reference: "ts1")
        #expect(await code { try await fixture.database.markDelivered(again.id, reference: "ts2") } == .conflict)
        #expect(try await fixture.database.claimOutbox(surface: "slack").isEmpty)
    }
}
