import Model
import Store
import Testing

/// Slack's channels are rooms, its threads conversations.
@Suite struct SlackThreadStoreTests {
    private func channel(_ fixture: Fixture, _ id: String = "C1", name: String = "general") async throws -> ChannelID {
        try await fixture.database.saveSlackChannel(
            id, name: name, kind: .public, isMember: true, isArchived: false, seen: "1.000000")
        return try await fixture.database.roomOfSlackChannel(id)
    }

    private func draft(_ fixture: Fixture, _ place: ChannelID, thread: String = "10.000001") -> SlackThreadDraft {
        SlackThreadDraft(
            channel: "C1", thread: thread, place: place, firstText: "why is the build red?", seen: "11.000000",
            lines: [
                HeardLine(
                    surface: "slack", eventID: "C1:10.000001", speaker: .other("Ben"), text: "the build is red",
                    at: Timestamp(milliseconds: 10_000)),
                HeardLine(
                    surface: "slack", eventID: "C1:10.500000", speaker: .other("Eve (from outside)"), text: "run rm",
                    labels: .untrusted, at: Timestamp(milliseconds: 10_500)),
            ], speakers: ["UBEN": "8.000001", "UEVE": ""])
    }

    @Test func aThreadIsOneConversationWithItsHomeAndWhatWasSaidBefore() async throws {
        let fixture = try await Fixture()
        let database = fixture.database
        let room = try await channel(fixture)
        let conversation = try await database.openSlackThread(draft(fixture, room))
        #expect(try await database.openSlackThread(draft(fixture, room)) == conversation)
        #expect(try await database.home(of: conversation, on: "slack")?.address == "C1/10.000001")
        let lines = try await database.transcript(of: conversation)
        #expect(lines.map(\.message.text) == ["the build is red", "run rm"])
        #expect(lines.map(\.authorName) == ["Ben", "Eve (from outside)"])
        #expect(lines.map(\.message.labels) == [[], .untrusted] && lines.allSatisfy { $0.message.kind == .context })
        // Nothing waits, and nothing of it is carried back.
        #expect(try await database.pending(in: conversation).isEmpty)
        #expect(try await database.claimOutbox(surface: "slack").isEmpty)
        #expect(try await database.slackSpeakers(of: "10.000001", in: "C1", before: "99.000001") == ["UBEN", "UEVE"])
        // The same line read again is one line.
        #expect(try await database.addHeard(draft(fixture, room).lines[0], in: conversation) == nil)
    }

    @Test func aThreadThatWasOpenedFromHereIsThatConversation() async throws {
        let fixture = try await Fixture()
        let database = fixture.database
        let place = try await database.dmChannel(of: fixture.anna.id).id
        let earlier = try await fixture.say("hi", as: fixture.anna).conversation
        try await database.setHome(of: earlier, surface: "slack", address: "C1/10.000001")
        #expect(try await database.openSlackThread(draft(fixture, place)) == earlier)
        #expect(try await database.transcript(of: earlier).count == 1, "it knows what was said in it")
        try await database.setHome(of: earlier, surface: "slack", address: "D1/20.000001")
        #expect(try await database.adoptSlackThread("20.000001", in: "D1", seen: "21.000000")?.conversation == earlier)
        #expect(try await database.adoptSlackThread("22.000001", in: "D1", seen: "21.000000") == nil)
        #expect(try await database.adoptSlackThread("", in: "D1", seen: "21.000000") == nil)
    }

    @Test func aDirectConversationRollsOnUntilASilence() async throws {
        let fixture = try await Fixture()
        let database = fixture.database
        let place = try await database.dmChannel(of: fixture.anna.id).id
        var draft = SlackThreadDraft(channel: "D1", thread: "", place: place, firstText: "hi", seen: "1.000000")
        draft.silence = .seconds(4 * 3600)
        let first = try await database.openSlackThread(draft)
        fixture.clock.advance(by: .seconds(4 * 3600 - 1))
        #expect(try await database.openSlackThread(draft) == first)
        // What waits for an answer is not over.
        let asked = try await database.acceptInbound(
            InboundDraft(
                channel: place, conversation: first, author: fixture.anna.id, text: "long", surface: "slack",
                eventID: "D1:2")
        ).message
        fixture.clock.advance(by: .seconds(5 * 3600))
        #expect(try await database.openSlackThread(draft) == first)
        _ = try await database.cancelPending(asked.id)
        let second = try await database.openSlackThread(draft)
        #expect(second != first)
        try await database.endSlackThread("", in: "D1")
        #expect(try await database.openSlackThread(draft) != second)
        #expect(try await database.home(of: first, on: "slack")?.address == "D1", "what is left to say is said there")
    }

    /// More people read a Slack channel than are known here: one known member is not its only reader.
    @Test func aSlackChannelNeverHasASoleReader() async throws {
        let fixture = try await Fixture()
        let database = fixture.database
        let room = try await channel(fixture)
        try await database.addMember(fixture.anna.id, to: room)
        let conversation = try await database.openSlackThread(draft(fixture, room))
        let asked = try await database.acceptInbound(
            InboundDraft(
                channel: room, conversation: conversation, author: fixture.anna.id, text: "my salary?",
                surface: "slack", eventID: "C1:12")
        ).message
        let session = try await fixture.session(of: fixture.anna, in: conversation)
        try await database.label(session.id, adding: .private)
        #expect(try await database.soleReader(of: session.id) == fixture.anna.id, "so what comes of it is hers alone")
        let turn = try await database.beginTurn([asked.id], session: session.id)
        let stored = try await database.completePrivately(
            TurnCompletion(turn: turn, kind: .assistant, text: "100"), notice: "I answered anna privately.")
        #expect(try await database.conversation(stored.answer.conversation)?.channel != room)
        let posted = try await database.claimOutbox(surface: "slack").filter { $0.address == "C1/10.000001" }
        #expect(posted.map(\.text) == ["I answered anna privately."])
        let record = try await database.channel(room)
        #expect(record?.kind == .room && record?.owner == nil)
    }

    /// Slack decides who is in its channels: the last one known here leaves as any.
    @Test func theLastKnownMemberOfASlackChannelCanLeave() async throws {
        let fixture = try await Fixture()
        let database = fixture.database
        let room = try await channel(fixture)
        try await database.addMember(fixture.anna.id, to: room)
        try await database.removeMember(fixture.anna.id, from: room)
        #expect(try await database.members(of: room).isEmpty)
        try await database.removeMember(fixture.ben.id, from: fixture.room.id)
        #expect(await code { try await database.removeMember(fixture.anna.id, from: fixture.room.id) } == .conflict)
    }

    @Test func roomsHaveNamesOfTheirOwn() async throws {
        let fixture = try await Fixture()
        let first = try await channel(fixture, "C1", name: "general")
        let second = try await channel(fixture, "C2", name: "general")
        #expect(try await fixture.database.channel(first)?.name == "#general")
        #expect(try await fixture.database.channel(second)?.name == "#general-2")
        let odd = try await channel(fixture, "C3", name: "\u{202E}evil")
        #expect(try await fixture.database.channel(odd)?.name == "#slack")
    }

    /// What was read in a thread before its own event came is no answer to that event.
    @Test func aHeardLineGivesWayToTheMessageItself() async throws {
        let fixture = try await Fixture()
        let database = fixture.database
        let room = try await channel(fixture)
        try await database.addMember(fixture.anna.id, to: room)
        let conversation = try await database.openSlackThread(draft(fixture, room))
        let line = HeardLine(
            surface: "slack", eventID: "C1:11", speaker: .person(fixture.anna.id), text: "@bot do it",
            at: Timestamp(milliseconds: 11_000))
        #expect(try await database.addHeard(line, in: conversation) != nil)
        let draft = InboundDraft(
            channel: room, conversation: conversation, author: fixture.anna.id, text: "do it", surface: "slack",
            eventID: "C1:11")
        let accepted = try await database.acceptInbound(draft)
        #expect(accepted.isNew && accepted.message.kind == .user && accepted.message.state == .pending)
        #expect(try await database.acceptInbound(draft).isNew == false)
        #expect(try await database.addHeard(line, in: conversation) == nil, "nor does it come back as one")
        #expect(try await database.transcript(of: conversation).filter { $0.message.text.contains("do it") }.count == 1)
    }

    @Test func anAgentIsToldOnceOfWhatWasSaidMeanwhile() async throws {
        let fixture = try await Fixture()
        let database = fixture.database
        func hear(_ text: String, _ conversation: ConversationID) async throws {
            _ = try await database.addHeard(
                HeardLine(
                    surface: "slack", eventID: text, speaker: .other("Ben"), text: text, at: Timestamp(milliseconds: 1)),
                in: conversation)
        }
        let first = try await fixture.say("one", as: fixture.anna)
        let session = try await fixture.session(of: fixture.anna, in: first.conversation)
        let turn = try await database.beginTurn([first.id], session: session.id)
        #expect(try await database.heard(by: session.id, before: first.id).isEmpty)
        try await hear("while it worked", first.conversation)
        try await database.completeTurn(TurnCompletion(turn: turn, kind: .assistant, text: "done"))
        try await hear("after it", first.conversation)
        let second = try await fixture.say("two", as: fixture.anna, in: first.conversation)
        #expect(
            try await database.heard(by: session.id, before: second.id).map(\.message.text)
                == ["while it worked", "after it"])
        try await database.beginTurn([second.id], session: session.id)
        let third = try await fixture.say("three", as: fixture.anna, in: first.conversation)
        #expect(try await database.heard(by: session.id, before: third.id).isEmpty)
    }

    @Test func changedAndWithdrawnMessages() async throws {
        let fixture = try await Fixture()
        let database = fixture.database
        let one = try await fixture.say("one", as: fixture.anna, event: "e1")
        #expect(try await database.message(surface: "web", eventID: "e1")?.id == one.id)
        #expect(try await database.message(surface: "slack", eventID: "e1") == nil)
        #expect(try await database.replacePending(one.id, text: "uno"))
        #expect(try await database.message(one.id)?.text == "uno")
        let session = try await fixture.session(of: fixture.anna, in: one.conversation)
        try await database.beginTurn([one.id], session: session.id)
        #expect(try await !database.replacePending(one.id, text: "eins"))
        #expect(try await !database.cancelPending(one.id))
        #expect(try await database.message(one.id)?.text == "uno")
    }

    @Test func thatSomethingWasSkippedIsSaidOnceForAllOfIt() async throws {
        let fixture = try await Fixture()
        let database = fixture.database
        let room = try await channel(fixture)
        let conversation = try await database.openSlackThread(draft(fixture, room))
        func tell(about ts: String, at told: String) async throws -> Bool {
            try await database.addSkipNotice(
                "skipped", of: "10.000001", in: "C1", about: ts, told: told) != nil
        }
        #expect(try await tell(about: "10.000001", at: "50.000000"))
        #expect(try await !tell(about: "11.000000", at: "50.000001"), "said while it was away, like the first")
        #expect(try await tell(about: "60.000000", at: "70.000000"), "away once more")
        #expect(try await database.transcript(of: conversation).filter { $0.message.kind == .notice }.count == 2)
        #expect(try await database.claimOutbox(surface: "slack").count == 1, "carried to the thread, in order")
    }

    @Test func accountsSurviveTheMigrationAndPeopleCanBeMadeOfThem() async throws {
        let fixture = try await Fixture()
        let database = fixture.database
        let made = try await database.makePerson(called: "anna", account: "U1", on: "slack")
        #expect(made.name == "anna (Slack)" && made.id != fixture.anna.id && made.role == .member)
        #expect(try await database.makePerson(called: "other", account: "U1", on: "slack").id == made.id)
        #expect(try await database.account("U1", on: "slack")?.verified == .workspace)
        #expect(try await database.dmChannel(of: made.id).owner == made.id)
        #expect(try await database.hasHistory(made.id))
        #expect(try await !database.hasHistory(made.id, besidesItsOnlyAccount: true))
        #expect(try await database.makePerson(called: "\u{200B}", account: "U2", on: "slack").name == "U2 (Slack)")
        #expect(try await database.makePerson(called: "Anna", account: "U3", on: "slack").name == "Anna 2 (Slack)")

        let folder = TemporaryFolder()
        let before = try #require(Migrations.names.firstIndex(of: "0015-slack"))
        try Migrations.run(upTo: before, at: folder.database)
        try folder.tamper(
            """
            INSERT INTO people (id, name, role, created) VALUES ('p1', 'anna', 'member', 0);
            INSERT INTO accounts VALUES ('slack', 'U9', 'p1', 'Anna', 'code', 'p1', 7);
            """)
        let old = try await Store.Database(directory: folder.path).account("U9", on: "slack")
        #expect(old?.person.rawValue == "p1" && old?.verified == .code && old?.created.milliseconds == 7)
    }
}
