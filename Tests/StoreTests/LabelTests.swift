import Model
import Store
import Testing

@Suite struct LabelTests {
    private func bind(_ fixture: Fixture, _ session: SessionRecord, writable: Bool = true) async throws -> Labels {
        try await fixture.database.bindVolumes(
            [
                VolumeGrant(.shared(fixture.room.id), writable ? .readWrite : .readOnly),
                VolumeGrant(.thread(session.conversation), writable ? .readWrite : .readOnly),
                VolumeGrant(.session(session.id), .readWrite),
            ], to: session.id)
    }

    @Test func aFolderALabelledSessionCouldWriteLabelsTheNextReader() async throws {
        let fixture = try await Fixture()
        let first = try await fixture.say("one", as: fixture.anna)
        let second = try await fixture.say("two", as: fixture.ben)
        let anna = try await fixture.session(of: fixture.anna, in: first.conversation)
        try await fixture.database.label(anna.id, adding: .untrusted)
        #expect(try await bind(fixture, anna) == .untrusted)
        #expect(try await fixture.database.labels(of: .shared(fixture.room.id)) == .untrusted)
        try await fixture.database.unbindVolumes(of: anna.id)
        let ben = try await fixture.session(of: fixture.ben, in: second.conversation)
        #expect(try await bind(fixture, ben) == .untrusted)
        #expect(try await fixture.database.labels(of: .thread(second.conversation)) == .untrusted)
    }

    /// A sandbox that runs already is reached too, and what it can write, and who has that.
    @Test func aLabelReachesWhoeverHasTheFolderOpen() async throws {
        let fixture = try await Fixture()
        let conversations = [
            try await fixture.say("a", as: fixture.anna).conversation,
            try await fixture.say("b", as: fixture.ben).conversation,
        ]
        let anna = try await fixture.session(of: fixture.anna, in: conversations[0])
        let ben = try await fixture.session(of: fixture.ben, in: conversations[1])
        let third = try await fixture.session(of: fixture.anna, in: conversations[1])
        for session in [anna, ben] { #expect(try await bind(fixture, session) == []) }
        // Has nothing of anna's, only the thread that ben's can write.
        _ = try await fixture.database.bindVolumes([VolumeGrant(.thread(conversations[1]), .readOnly)], to: third.id)
        try await fixture.database.label(anna.id, adding: .untrusted)
        for session in [anna, ben, third] {
            #expect(try await fixture.database.session(session.id)?.labels == .untrusted)
        }
    }

    /// What came in before labels were kept.
    @Test func olderUploadsAreOutsideContentToo() async throws {
        let folder = TemporaryFolder()
        try Migrations.run(upTo: 4, at: folder.database)
        try folder.tamper(
            """
            INSERT INTO people (id, name, role, created) VALUES ('p1', 'anna', 'member', 0);
            INSERT INTO channels (id, name, kind, owner, created) VALUES ('d1', 'anna', 'dm', 'p1', 0);
            INSERT INTO conversations (id, channel, title, mode, created, updated)
                VALUES ('t1', 'd1', 'x', 'auto', 0, 0), ('t2', 'd1', 'y', 'auto', 0, 0);
            INSERT INTO messages (id, conversation, seq, kind, author, text, state, created)
                VALUES ('m1', 't1', 1, 'user', 'p1', 'read', 'done', 0), ('m2', 't2', 1, 'user', 'p1', 'hi', 'done', 0);
            INSERT INTO attachments (id, owner, conversation, message, name, mime, bytes, digest, created)
                VALUES ('a1', 'p1', 't1', 'm1', 'a.txt', 'text/plain', 1, '00', 0);
            """)
        let database = try Store.Database(directory: folder.path)
        #expect(try await database.volumeLabels().map(\.volume).sorted() == ["shared/d1", "thread/t1", "user/p1"])
        #expect(try await database.message(MessageID(trusted: "m1"))?.labels == .untrusted)
        #expect(try await database.message(MessageID(trusted: "m2"))?.labels == [])
    }

    @Test func readingAloneLabelsNoFolder() async throws {
        let fixture = try await Fixture()
        let anna = try await fixture.session(
            of: fixture.anna, in: try await fixture.say("a", as: fixture.anna).conversation)
        _ = try await bind(fixture, anna, writable: false)
        try await fixture.database.label(anna.id, adding: .untrusted)
        #expect(try await fixture.database.volumeLabels().isEmpty)
    }

    @Test func aPersonsFolderMakesASessionPrivateAndNoFolderIs() async throws {
        let fixture = try await Fixture()
        let anna = try await fixture.session(
            of: fixture.anna, in: try await fixture.say("a", as: fixture.anna).conversation)
        let labels = try await fixture.database.bindVolumes(
            [VolumeGrant(.user(fixture.anna.id), .readWrite), VolumeGrant(.shared(fixture.room.id), .readOnly)],
            to: anna.id)
        #expect(labels == .private)
        #expect(try await fixture.database.volumeLabels().isEmpty)
        #expect(try await fixture.database.soleReader(of: anna.id) == fixture.anna.id)
    }

    @Test func anAdminClearsWhatNobodyWritesNow() async throws {
        let fixture = try await Fixture()
        let anna = try await fixture.session(
            of: fixture.anna, in: try await fixture.say("a", as: fixture.anna).conversation)
        try await fixture.database.label(anna.id, adding: .untrusted)
        _ = try await bind(fixture, anna)
        let shared = "shared/\(fixture.room.id)"
        #expect(try await fixture.database.volumeLabels().first { $0.volume == shared }?.name == "sales")
        #expect(await code { try await fixture.database.clearLabels(ofVolume: shared) } == .conflict)
        try await fixture.database.unbindVolumes(of: anna.id)
        try await fixture.database.clearLabels(ofVolume: shared)
        #expect(try await fixture.database.labels(of: .shared(fixture.room.id)) == [])
        #expect(await code { try await fixture.database.clearLabels(ofVolume: shared) } == .notFound)
    }

    @Test func rowsCarryWhatTheirSessionHadTouched() async throws {
        let fixture = try await Fixture()
        let message = try await fixture.say("a", as: fixture.anna)
        let session = try await fixture.session(of: fixture.anna, in: message.conversation)
        let turn = try await fixture.database.beginTurn([message.id], session: session.id)
        try await fixture.database.label(session.id, adding: [.untrusted, .private])
        let answer = try await fixture.database.completeTurn(TurnCompletion(turn: turn, kind: .assistant, text: "b"))
        #expect(answer.labels == .untrusted)
    }

    @Test func aPrivateAnswerStandsInTheDirectChannelAndIsPostedOnce() async throws {
        let fixture = try await Fixture()
        let message = try await fixture.say("a", as: fixture.anna)
        let session = try await fixture.session(of: fixture.anna, in: message.conversation)
        try await fixture.database.label(session.id, adding: [.private])
        let turn = try await fixture.database.beginTurn([message.id], session: session.id)
        let file = try await fixture.database.addAttachment(
            name: "a.txt", mime: "text/plain", bytes: [1, 2], owner: fixture.anna.id, conversation: message.conversation
        )
        let (answer, notice) = try await fixture.database.completePrivately(
            TurnCompletion(turn: turn, kind: .assistant, text: "secret", attachments: [file.id]), notice: "privately")
        #expect(notice.conversation == message.conversation && answer.conversation != message.conversation)
        #expect(try await !fixture.database.mayRead(conversation: answer.conversation, person: fixture.ben.id))
        #expect(try await !fixture.database.mayRead(attachment: file.id, person: fixture.ben.id))
        #expect(
            await code { try await fixture.database.completeTurn(TurnCompletion(turn: turn, kind: .notice, text: "")) }
                == .conflict)
        #expect(await code { try await fixture.database.postPrivateAnswer(answer.id, by: fixture.ben.id) } == .notFound)
        let posted = try await fixture.database.postPrivateAnswer(answer.id, by: fixture.anna.id)
        #expect(posted.text == "secret" && posted.conversation == message.conversation)
        #expect(try await fixture.database.entry(posted.id)?.attachments.map(\.digest) == [file.digest])
        #expect(
            await code { try await fixture.database.postPrivateAnswer(answer.id, by: fixture.anna.id) } == .conflict)
    }

    @Test func whoLeftTheChannelPostsNothingThere() async throws {
        let fixture = try await Fixture()
        let message = try await fixture.say("a", as: fixture.ben)
        let session = try await fixture.session(of: fixture.ben, in: message.conversation)
        let turn = try await fixture.database.beginTurn([message.id], session: session.id)
        let answer = try await fixture.database.completePrivately(
            TurnCompletion(turn: turn, kind: .assistant, text: "secret"), notice: "privately"
        ).answer
        try await fixture.database.removeMember(fixture.ben.id, from: fixture.room.id)
        #expect(
            await code { try await fixture.database.postPrivateAnswer(answer.id, by: fixture.ben.id) } == .forbidden)
    }

    @Test func ownWordsAreNobodyElses() async throws {
        let fixture = try await Fixture()
        let first = try await fixture.say("mine", as: fixture.anna)
        _ = try await fixture.say("ben's", as: fixture.ben, in: first.conversation)
        _ = try await fixture.database.acceptInbound(
            InboundDraft(
                channel: fixture.room.id, conversation: first.conversation, author: fixture.anna.id,
                onBehalfBy: fixture.ben.id, text: "in her name", surface: "web", eventID: "x"))
        _ = try await fixture.database.acceptInbound(
            InboundDraft(
                channel: fixture.room.id, conversation: first.conversation, author: fixture.anna.id,
                text: "Allowed by ben: post (to x@example.com)", surface: MessageRecord.approvalSurface, eventID: "y"))
        #expect(try await fixture.database.ownWords(of: fixture.anna.id, in: first.conversation) == ["mine"])
    }
}
