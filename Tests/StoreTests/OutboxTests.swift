import Model
import Store
import Testing

@Suite struct OutboxTests {
    /// Two places with two lines each, said in turns.
    private func fill(_ fixture: Fixture) async throws -> [ConversationID] {
        var conversations: [ConversationID] = []
        for place in ["C0A/1700000000.000100", "C0B/1700000000.000200"] {
            let conversation = try await fixture.say("hello", as: fixture.anna).conversation
            try await fixture.database.setHome(of: conversation, surface: "slack", address: place)
            conversations.append(conversation)
        }
        for text in ["one", "two"] {
            for conversation in conversations {
                try await fixture.database.addNotice(conversation: conversation, text: text)
            }
        }
        return conversations
    }

    @Test func orderIsKeptForEachAddress() async throws {
        let fixture = try await Fixture()
        let database = fixture.database
        _ = try await fill(fixture)
        let first = try await database.claimOutbox(surface: "slack")
        #expect(first.map(\.text) == ["one", "one"])
        // Under way: nothing of these places is to be had meanwhile.
        #expect(try await database.claimOutbox(surface: "slack").isEmpty)
        #expect(try await database.nextDelivery(surface: "slack") == nil)
        try await database.markDelivered(first[0].id, reference: "ts")
        #expect(try await database.claimOutbox(surface: "slack").map(\.address) == [first[0].address])
        // What waits for another try holds up what comes after it, there alone.
        let later = fixture.clock.wall.now().advanced(by: .seconds(60))
        try await database.markFailed(first[1].id, error: "503", retryAt: later)
        #expect(try await database.claimOutbox(surface: "slack").isEmpty)
        #expect(try await database.nextDelivery(surface: "slack") == later)
        fixture.clock.advance(by: .seconds(60))
        let again = try #require(try await database.claimOutbox(surface: "slack").first)
        #expect(again.id == first[1].id && again.attempts == 1)
        // Given up, it is no longer in the way.
        try await database.markFailed(again.id, error: "is_archived", retryAt: nil)
        #expect(try await database.claimOutbox(surface: "slack").map(\.text) == ["two"])
    }

    @Test func whatADeadProcessHadUnderWayIsFoundAgain() async throws {
        let fixture = try await Fixture()
        _ = try await fill(fixture)
        let before = try await fixture.database.claimOutbox(surface: "slack")
        #expect(before.map(\.attempts) == [0, 0])
        fixture.database.close()
        let database = try Store.Database(directory: fixture.folder.path, clock: fixture.clock.wall)
        #expect(try await database.claimOutbox(surface: "slack").isEmpty)
        try await database.releaseOutbox(surface: "slack")
        let after = try await database.claimOutbox(surface: "slack")
        // It may have got there: whoever claims it again is told so.
        #expect(after.map(\.id) == before.map(\.id) && after.map(\.attempts) == [1, 1])
        try await database.giveBack(after[0].id)
        #expect(try await database.claimOutbox(surface: "slack").map(\.id) == [after[0].id])
    }

    @Test func nothingIsSettledThatIsNotUnderWay() async throws {
        let fixture = try await Fixture()
        _ = try await fill(fixture)
        let claimed = try await fixture.database.claimOutbox(surface: "slack", limit: 1)
        #expect(await code { try await fixture.database.markDelivered(claimed[0].id + 1, reference: nil) } == .conflict)
        #expect(await code { try await fixture.database.giveUp(999, error: "?") { _ in "" } } == .notFound)
    }

    @Test func whoAskedIsToldWhatCouldNotBeDelivered() async throws {
        let fixture = try await Fixture()
        let database = fixture.database
        try await database.saveAccount("U0BEN", on: "slack", called: "ben", of: fixture.ben.id)
        let first = try await fixture.say("hello", as: fixture.ben)
        try await database.setHome(of: first.conversation, surface: "slack", address: "C0A/1700000000.000100")
        let session = try await fixture.session(of: fixture.ben, in: first.conversation)
        let turn = try await database.beginTurn([first.id], session: session.id)
        try await database.completeTurn(TurnCompletion(turn: turn, kind: .assistant, text: "42"))
        let claimed = try #require(try await database.claimOutbox(surface: "slack").first)
        let notice = try await database.giveUp(claimed.id, error: "is_archived") { "Not delivered: \($0 ?? "hidden")" }
        #expect(notice?.text == "Not delivered: 42")
        #expect(await code { try await database.giveUp(claimed.id, error: "is_archived") { _ in "" } } == .conflict)
        // That, in turn, goes to the person's own place; and if it fails there nobody is told.
        let told = try #require(try await database.claimOutbox(surface: "slack").first)
        #expect(told.address == "U0BEN" && told.text == "Not delivered: 42")
        #expect(try await database.giveUp(told.id, error: "user_disabled") { _ in "again" } == nil)
        #expect(try await database.outboxStatus(surface: "slack", failedSince: first.created).failed == 2)
    }

    @Test func whoeverMayNotReadItAnyMoreIsToldWithoutTheWords() async throws {
        let fixture = try await Fixture()
        let first = try await fixture.say("hello", as: fixture.ben)
        try await fixture.database.setHome(of: first.conversation, surface: "slack", address: "C0A/1700000000.000100")
        let session = try await fixture.session(of: fixture.ben, in: first.conversation)
        let turn = try await fixture.database.beginTurn([first.id], session: session.id)
        try await fixture.database.completeTurn(TurnCompletion(turn: turn, kind: .assistant, text: "42"))
        try await fixture.database.removeMember(fixture.ben.id, from: fixture.room.id)
        let claimed = try #require(try await fixture.database.claimOutbox(surface: "slack").first)
        let notice = try await fixture.database.giveUp(claimed.id, error: "is_archived") { $0 ?? "hidden" }
        #expect(notice?.text == "hidden")
    }

    @Test func whatHasWaitedTooLongIsToldOnceAndNotSent() async throws {
        let fixture = try await Fixture()
        let database = fixture.database
        let conversations = try await fill(fixture)
        for conversation in conversations {
            let session = try await fixture.session(of: fixture.anna, in: conversation)
            let turn = try #require(try await database.pending(in: conversation).first).id
            try await database.beginTurn([turn], session: session.id)
            try await database.completeTurn(TurnCompletion(turn: turn, kind: .assistant, text: "old"))
        }
        fixture.clock.advance(by: .seconds(3600))
        try await database.addNotice(conversation: conversations[0], text: "new")
        let limit = fixture.clock.wall.now().advanced(by: .seconds(-60))
        let notices = try await database.giveUpOutbox(surface: "slack", before: limit) { "\($0) lines" }
        // Notices of nobody's turn are nobody's loss.
        #expect(notices.map(\.text) == ["2 lines"])
        #expect(try await database.claimOutbox(surface: "slack").map(\.text) == ["new"])
        #expect(try await database.giveUpOutbox(surface: "slack", before: limit) { "\($0)" }.isEmpty)
        let status = try await database.outboxStatus(surface: "slack", failedSince: limit)
        #expect(status.waiting == 1 && status.failed == 0)
    }

    @Test func whoeverCarriesIsToldThatThereIsSomething() async throws {
        let fixture = try await Fixture()
        let conversation = try await fixture.say("hello", as: fixture.anna).conversation
        try await fixture.database.setHome(of: conversation, surface: "slack", address: "C0A")
        var changes = fixture.database.outboxChanges().makeAsyncIterator()
        try await fixture.database.addNotice(conversation: conversation, text: "news")
        // The trigger's row, not only one written by a statement of ours.
        #expect(await changes.next() != nil)
    }
}
