import Model
import Store
import Testing

/// Words that somebody typed for another are that person's words, and not that person's hand: the two share no turn.
@Suite struct OnBehalfTests {
    private func say(
        _ text: String, as person: PersonRecord, by other: PersonRecord?, in conversation: ConversationID?,
        _ fixture: Fixture
    ) async throws -> MessageRecord {
        try await fixture.database.acceptInbound(
            InboundDraft(
                channel: fixture.room.id, conversation: conversation, author: person.id, onBehalfBy: other?.id,
                text: text, surface: "web", eventID: text)
        ).message
    }

    @Test(arguments: [true, false])
    func aFollowUpJoinsTheTurnOfTheSameHandAlone(isTyped: Bool) async throws {
        let fixture = try await Fixture()
        let database = fixture.database
        let (mine, other) = isTyped ? (fixture.ben, nil) : (nil as PersonRecord?, fixture.ben as PersonRecord?)
        let first = try await say("first", as: fixture.anna, by: mine, in: nil, fixture)
        let session = try await fixture.session(of: fixture.anna, in: first.conversation)
        let turn = try await database.beginTurn([first.id], session: session.id)
        let foreign = try await say("foreign", as: fixture.anna, by: other, in: first.conversation, fixture)
        let same = try await say("same", as: fixture.anna, by: mine, in: first.conversation, fixture)
        #expect(try await database.takeFollowUps(turn: turn).map(\.id) == [same.id])
        #expect(try await database.pending(in: first.conversation).map(\.id) == [foreign.id])
    }

    @Test func aTurnIsNotBegunWithWordsOfTwoHands() async throws {
        let fixture = try await Fixture()
        let first = try await say("first", as: fixture.anna, by: nil, in: nil, fixture)
        let foreign = try await say("foreign", as: fixture.anna, by: fixture.ben, in: first.conversation, fixture)
        let session = try await fixture.session(of: fixture.anna, in: first.conversation)
        #expect(
            await code { try await fixture.database.beginTurn([first.id, foreign.id], session: session.id) }
                == .forbidden)
        #expect(try await fixture.database.message(first.id)?.state == .pending)
    }

    @Test func whetherATurnHasActedIsKnownHoweverManyItsCalls() async throws {
        let fixture = try await Fixture()
        let database = fixture.database
        let first = try await fixture.say("go", as: fixture.anna)
        let session = try await fixture.session(of: fixture.anna, in: first.conversation)
        let turn = try await database.beginTurn([first.id], session: session.id)
        #expect(try await !database.hasActed(turn: turn))
        func call(_ number: Int, _ effect: Effect?) async throws {
            try await database.startToolCall(
                ToolCallDraft(
                    id: CallID(trusted: "c\(number)"), session: session.id, turn: turn, tool: "t", effect: effect,
                    arguments: "{}"))
        }
        for number in 0..<(Database.toolCallsPerTurn + 5) { try await call(number, .read) }
        #expect(try await !database.hasActed(turn: turn))
        #expect(try await database.toolCalls(turn: turn).count == Database.toolCallsPerTurn)
        // Of a tool nobody knows the effect of, the worst is thought.
        try await call(5000, nil)
        #expect(try await database.hasActed(turn: turn))
    }

    @Test func onlyEndedSessionsOfThisStoreAreOver() async throws {
        let fixture = try await Fixture()
        let first = try await fixture.say("go", as: fixture.anna)
        let live = try await fixture.session(of: fixture.anna, in: first.conversation)
        let over = try await fixture.session(of: fixture.ben, in: first.conversation)
        try await fixture.database.endSession(over.id, reason: "idle")
        let found = try await fixture.database.ended(among: [live.id, over.id, SessionID(trusted: "stranger")])
        #expect(found == [over.id])
    }
}
