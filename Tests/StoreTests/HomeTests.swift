import Model
import Store
import Testing

/// What is said in a conversation that lives in Slack is on its way there the moment it is stored.
@Suite struct HomeTests {
    static let thread = "C0SALES/1700000000.000100"

    /// A conversation of the room, begun by anna in a Slack thread.
    private func begin(
        _ fixture: Fixture, at home: String = thread, event: String = "C0SALES:1700000000.000100"
    ) async throws -> MessageRecord {
        try await fixture.database.acceptInbound(
            InboundDraft(
                channel: fixture.room.id, author: fixture.anna.id, text: "plan?", surface: "slack", eventID: event,
                home: home)
        ).message
    }

    private func waiting(_ fixture: Fixture) async throws -> [String] {
        var texts: [String] = []
        while let next = try await fixture.database.claimOutbox(surface: "slack", limit: 1).first {
            texts.append("\(next.address) \(next.text)")
            try await fixture.database.markDelivered(next.id, reference: nil)
        }
        return texts
    }

    @Test func whatIsSaidElsewhereGoesHomeAndWhatWasSaidThereDoesNot() async throws {
        let fixture = try await Fixture()
        let first = try await begin(fixture)
        _ = try await fixture.say("from the web", as: fixture.ben, in: first.conversation)
        let session = try await fixture.session(of: fixture.anna, in: first.conversation)
        let turn = try await fixture.database.beginTurn([first.id], session: session.id)
        try await fixture.database.completeTurn(TurnCompletion(turn: turn, kind: .assistant, text: "the answer"))
        try await fixture.database.addNotice(conversation: first.conversation, text: "a notice")
        // No home, no delivery.
        _ = try await fixture.say("somewhere else", as: fixture.ben)
        #expect(
            try await waiting(fixture) == ["from the web", "the answer", "a notice"].map { "\(Self.thread) \($0)" })
    }

    @Test func aCompletionThatFailsLeavesNothingOnItsWay() async throws {
        let fixture = try await Fixture()
        let first = try await begin(fixture)
        let session = try await fixture.session(of: fixture.anna, in: first.conversation)
        let turn = try await fixture.database.beginTurn([first.id], session: session.id)
        let stranger = AttachmentID(trusted: "nobodys")
        #expect(
            await code {
                try await fixture.database.completeTurn(
                    TurnCompletion(turn: turn, kind: .assistant, text: "lost", attachments: [stranger]))
            } == .forbidden)
        #expect(try await waiting(fixture).isEmpty)
    }

    @Test func aThreadIsOneConversation() async throws {
        let fixture = try await Fixture()
        let first = try await begin(fixture)
        #expect(await code { try await begin(fixture, event: "C0SALES:1700000000.000200") } == .conflict)
        #expect(try await fixture.database.home(at: Self.thread, on: "slack")?.conversation == first.conversation)
        // At top level one follows the other; the newest is meant.
        _ = try await begin(fixture, at: "D0ANNA", event: "D0ANNA:1700000000.000300")
        fixture.clock.advance(by: .seconds(5 * 3600))
        let later = try await begin(fixture, at: "D0ANNA", event: "D0ANNA:1700018000.000100")
        #expect(try await fixture.database.home(at: "D0ANNA", on: "slack")?.conversation == later.conversation)
    }

    @Test func aPrivateAnswerGoesToTheRequestersOwnThread() async throws {
        let fixture = try await Fixture()
        let database = fixture.database
        try await database.saveAccount("U0ANNA", on: "slack", called: "anna", of: fixture.anna.id)
        let first = try await begin(fixture)
        let session = try await fixture.session(of: fixture.anna, in: first.conversation)
        let turn = try await database.beginTurn([first.id], session: session.id)
        let done = try await database.completePrivately(
            TurnCompletion(turn: turn, kind: .assistant, text: "your salary"), notice: "I answered anna privately.")
        let claimed = try await database.claimOutbox(surface: "slack")
        #expect(claimed.map(\.address) == ["U0ANNA", Self.thread])
        #expect(claimed.map(\.text) == ["your salary", "I answered anna privately."])
        // The first line opens the thread in which the rest is said.
        let home = try #require(try await database.home(of: done.answer.conversation, on: "slack"))
        #expect(home.opensThread)
        try await database.addNotice(conversation: done.answer.conversation, text: "and")
        try await database.openThread(of: home.conversation, surface: "slack", address: "D0ANNA/1700000009.000100")
        try await database.openThread(of: home.conversation, surface: "slack", address: "D0ANNA/1700000010.000100")
        for delivery in claimed { try await database.markDelivered(delivery.id, reference: nil) }
        #expect(try await waiting(fixture) == ["D0ANNA/1700000009.000100 and"])
        #expect(
            try await database.home(at: "D0ANNA/1700000009.000100", on: "slack")?.conversation == home.conversation)
    }

    @Test func noticesReachPeopleInSlackWhoAreThere() async throws {
        let fixture = try await Fixture()
        try await fixture.database.saveAccount("U0ANNA", on: "slack", called: "anna", of: fixture.anna.id)
        for person in [fixture.anna, fixture.ben] {
            _ = try await fixture.database.addNotice(to: person.id, title: "A secret", text: "for \(person.name)")
        }
        #expect(try await waiting(fixture) == ["U0ANNA for anna"])
    }

    @Test func anAnswerToAQuestionIsNotRepeatedWhereItsCardIs() async throws {
        let fixture = try await Fixture()
        let first = try await begin(fixture)
        // As `insertContinuation` writes it.
        fixture.database.close()
        try fixture.folder.tamper(
            """
            INSERT INTO messages (id, conversation, seq, kind, author, text, surface, surface_event_id, state, created)
            SELECT 'c1', conversation, 2, 'user', author, 'Allowed by ben: bash', 'approval', 'a1', 'pending', created
            FROM messages WHERE id = '\(first.id)'
            """)
        let database = try Store.Database(directory: fixture.folder.path, clock: fixture.clock.wall)
        #expect(try await database.claimOutbox(surface: "slack").isEmpty)
    }
}

/// What was carried to an account's place is not carried there when the account is not theirs any more.
@Suite struct ResidenceTests {
    private struct Anna {
        let fixture: Fixture
        let conversation: ConversationID
        let room: ChannelID
    }

    /// Anna lives in D1 and is in a room that is a Slack channel; something waits to be carried to her.
    private func move() async throws -> Anna {
        let fixture = try await Fixture()
        let database = fixture.database
        try await database.saveAccount("U1", on: "slack", called: "anna", of: fixture.anna.id)
        let place = try await database.dmChannel(of: fixture.anna.id).id
        let conversation = try await database.openSlackThread(
            SlackThreadDraft(
                channel: "D1", thread: "", place: place, firstText: "hi", seen: "10.000001",
                silence: .seconds(3600)))
        try await database.addNotice(conversation: conversation, text: "for her eyes")
        try await database.saveSlackChannel(
            "C1", name: "board", kind: .private, isMember: true, isArchived: false, seen: "10.000001")
        let room = try await database.roomOfSlackChannel("C1")
        try await database.addMember(fixture.anna.id, to: room)
        return Anna(fixture: fixture, conversation: conversation, room: room)
    }

    private func isGone(_ anna: Anna) async throws {
        let database = anna.fixture.database
        #expect(try await database.claimOutbox(surface: "slack").isEmpty)
        #expect(try await database.home(of: anna.conversation, on: "slack") == nil)
        #expect(try await database.slackThread("", in: "D1") == nil)
        try await database.addNotice(conversation: anna.conversation, text: "later")
        #expect(try await database.claimOutbox(surface: "slack").isEmpty)
    }

    @Test func anAccountThatIsUnlinkedGetsNothingMore() async throws {
        let anna = try await move()
        let database = anna.fixture.database
        #expect(try await database.removeAccount("U1", on: "slack") == [anna.room])
        try await isGone(anna)
        #expect(try await !database.mayRead(channel: anna.room, person: anna.fixture.anna.id))
        #expect(
            try await database.mayRead(channel: anna.fixture.room.id, person: anna.fixture.anna.id), "no Slack channel")
        #expect(try await database.removeAccount("U1", on: "slack") == nil)
    }

    @Test func anAccountThatIsSomebodyElsesGetsNothingOfWhoseItWas() async throws {
        let anna = try await move()
        try await anna.fixture.database.saveAccount("U1", on: "slack", called: "ben", of: anna.fixture.ben.id)
        try await isGone(anna)
    }

    @Test func anAccountThatIsTakenByACodeGetsNothingOfWhoseItWas() async throws {
        let anna = try await move()
        let database = anna.fixture.database
        try await database.saveAccount(
            "U1", on: "slack", called: "anna", of: anna.fixture.anna.id, verified: .workspace)
        try await database.saveLinkCode("abcde", of: anna.fixture.ben.id, expires: Timestamp(milliseconds: .max / 2))
        let taken = try await database.linkAccount(
            "U1", on: "slack", called: "x", by: "abcde", own: anna.fixture.anna.id)
        #expect(taken == anna.fixture.ben.id)
        try await isGone(anna)
    }

    @Test func savedAgainNothingChangesAndAnotherAccountKeepsTheRooms() async throws {
        let anna = try await move()
        let database = anna.fixture.database
        try await database.saveAccount("U1", on: "slack", called: "anna", of: anna.fixture.anna.id)
        #expect(try await database.home(of: anna.conversation, on: "slack") != nil)
        try await database.saveAccount("U2", on: "slack", called: "anna", of: anna.fixture.anna.id)
        #expect(try await database.removeAccount("U1", on: "slack") == [])
        #expect(try await database.mayRead(channel: anna.room, person: anna.fixture.anna.id))
    }
}
