import Model
import Store
import Testing

@Suite struct InboxTests {
    @Test func anEventIsAcceptedOnce() async throws {
        let fixture = try await Fixture()
        let draft = InboundDraft(
            channel: fixture.room.id, author: fixture.anna.id, text: "hello\nworld", surface: "web", eventID: "1")
        let accepted = try await withThrowingTaskGroup(of: Accepted.self) { group in
            for _ in 0..<50 { group.addTask { try await fixture.database.acceptInbound(draft) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(accepted.count { $0.isNew } == 1)
        #expect(Set(accepted.map(\.message.id)).count == 1)
        let conversations = try await fixture.database.conversations(in: fixture.room.id)
        #expect(conversations.map(\.title) == ["hello"])
    }

    @Test func anotherPersonsEventWithTheSameIdIsAnother() async throws {
        let fixture = try await Fixture()
        let first = try await fixture.say("one", as: fixture.anna, event: "1")
        let second = try await fixture.say("two", as: fixture.ben, event: "1")
        #expect(first.id != second.id)
        #expect(second.text == "two")
    }

    @Test func linesOfAConversationAreNumberedWithoutGaps() async throws {
        let fixture = try await Fixture()
        let conversation = try await fixture.say("first", as: fixture.anna).conversation
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<100 {
                group.addTask { _ = try await fixture.say("\(number)", as: fixture.ben, in: conversation) }
            }
            try await group.waitForAll()
        }
        let entries = try await fixture.database.entries(of: conversation)
        #expect(entries.map(\.message.sequence) == Array(1...101))
        #expect(try await fixture.database.entries(of: conversation, after: 99).count == 2)
        #expect(entries[5].authorName == "ben")
        #expect(
            try await fixture.database.transcript(of: conversation, before: 50, limit: 3).map(\.message.sequence) == [
                47, 48, 49,
            ])
    }

    @Test func onlyMembersSpeakAndOnlyWhereTheConversationIs() async throws {
        let fixture = try await Fixture()
        let carl = try await fixture.database.findOrCreatePerson(name: "carl")
        #expect(await code { try await fixture.say("let me in", as: carl) } == .forbidden)
        let dm = try await fixture.database.dmChannel(of: fixture.anna.id)
        let there = try await fixture.say("in the room", as: fixture.anna).conversation
        let draft = InboundDraft(
            channel: dm.id, conversation: there, author: fixture.anna.id, text: "?", surface: "web", eventID: "x")
        #expect(await code { try await fixture.database.acceptInbound(draft) } == .notFound)
        let unknown = InboundDraft(
            channel: ChannelID(trusted: "nowhere"), author: fixture.anna.id, text: "?", surface: "web", eventID: "y")
        #expect(await code { try await fixture.database.acceptInbound(unknown) } == .notFound)
        let nameless = InboundDraft(channel: dm.id, author: fixture.anna.id, text: "?", surface: "web", eventID: "")
        #expect(await code { try await fixture.database.acceptInbound(nameless) } == .invalid)
    }

    @Test func textOfAnyKindIsStoredWhole() async throws {
        let fixture = try await Fixture()
        let text = "a\u{0}b\u{1B}[31m\u{202E}\r\n\u{FFFF}🙂" + String(repeating: "ä", count: 100_000)
        let message = try await fixture.say(text, as: fixture.anna)
        let stored = try #require(try await fixture.database.message(message.id))
        // SQLite's strings end at U+0000.
        #expect(stored.text.unicodeScalars.elementsEqual(text.unicodeScalars.map { $0.value == 0 ? "\u{FFFD}" : $0 }))
        let empty = try await fixture.say("\n \n", as: fixture.anna)
        #expect(try await fixture.database.conversation(empty.conversation)?.title == "(no text)")
        let long = try await fixture.say(String(repeating: "🙂", count: 100), as: fixture.anna)
        let title = try #require(try await fixture.database.conversation(long.conversation)?.title)
        #expect(title.utf8.count <= 80 && title.hasSuffix("🙂…"))
    }

    @Test func aRefusedAttachmentRefusesTheMessage() async throws {
        let fixture = try await Fixture()
        let file = try await fixture.database.addAttachment(
            name: "../../etc/passwd", mime: "text/plain", bytes: [1, 2, 3], owner: fixture.anna.id)
        #expect(file.name == "passwd")
        func send(_ event: String, as person: PersonRecord) async throws -> MessageRecord {
            try await fixture.database.acceptInbound(
                InboundDraft(
                    channel: fixture.room.id, author: person.id, text: event, attachments: [file.id], surface: "web",
                    eventID: event)
            ).message
        }
        #expect(await code { try await send("stolen", as: fixture.ben) } == .forbidden)
        #expect(try await fixture.database.mayRead(attachment: file.id, person: fixture.ben.id) == false)
        let message = try await send("mine", as: fixture.anna)
        #expect(await code { try await send("again", as: fixture.anna) } == .forbidden)
        #expect(try await fixture.database.entry(message.id)?.attachments.map(\.id) == [file.id])
        #expect(try await fixture.database.mayRead(attachment: file.id, person: fixture.ben.id))
        #expect(try await fixture.database.attachmentBytes(file.id, limit: 3) == [1, 2, 3])
        // Of the refused ones nothing stayed: no empty conversation, no message.
        #expect(try await fixture.database.conversations(in: fixture.room.id).count == 1)
    }

    @Test func takenBackMessagesAreNotAnswered() async throws {
        let fixture = try await Fixture()
        let first = try await fixture.say("one", as: fixture.anna)
        _ = try await fixture.say("two", as: fixture.ben, in: first.conversation)
        #expect(try await fixture.database.conversationsWithPending() == [first.conversation])
        let cancelled = try await fixture.database.cancelPending(in: first.conversation, author: fixture.anna.id)
        #expect(cancelled.map(\.id) == [first.id])
        #expect(try await fixture.database.pending(in: first.conversation).map(\.text) == ["two"])
        #expect(try await fixture.database.transcript(of: first.conversation).map(\.message.text) == ["two"])
    }
}
