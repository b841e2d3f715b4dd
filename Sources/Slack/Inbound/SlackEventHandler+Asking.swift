internal import Conversations
internal import MCP
internal import Model
internal import SlackAPI
internal import Store

// A question about a message, by its shortcut: a turn in the thread of that message, as if it had been mentioned there.
extension SlackEventHandler {
    /// As its own surface, so that the question is shown in the thread like anything said elsewhere.
    static let shortcutSurface = "slack.shortcut"

    /// Throws `ChatError` with a sentence for whoever asked.
    package func ask(_ question: SlackQuestion) async throws {
        let user = try await parts.directory.user(question.user)
        let person = try await parts.people.person(of: user)
        let channel: SlackChannelRecord
        do {
            channel = try await self.channel(question.about.channel)
        } catch let error as SlackError where error.kind == .notThere {
            throw Self.absent
        }
        guard channel.isMember, channel.kind != .direct else { throw Self.absent }
        guard try await isAdmitted(channel) else {
            throw ChatError(.forbidden, "I do not work in this channel until an admin allows it.")
        }
        let place = try await room(of: channel, for: person, as: Author(kind: .member, account: user.id, user: user))
        let now = SlackTimestamp(parts.clock.now().advanced(by: .seconds(60)))
        var draft = SlackThreadDraft(
            channel: channel.id, thread: question.about.thread.text, place: place, firstText: question.text,
            seen: question.about.ts.text)
        (draft.lines, draft.speakers) = try await seeds(
            of: question.about.thread, in: channel.id, before: now, place: place)
        guard let about = draft.lines.first(where: { $0.eventID == "\(channel.id):\(question.about.ts.text)" }) else {
            throw ChatError(.notFound, "I cannot read that message: it is gone, or it is none that people wrote.")
        }
        let conversation = try await database.openSlackThread(draft)
        // Of a thread that was one here before: what it is about may have been said meanwhile.
        try await parts.conversations.hear(about, in: conversation)
        try await database.addSlackSpeaker(
            user.id, to: draft.thread, in: channel.id, since: SlackTimestamp(parts.clock.now()).text)
        _ = try await parts.conversations.submit(
            InboundMessage(
                channel: place, conversation: conversation, author: person,
                text: "About the message of \(question.about.ts.time.rfc3339) in this thread: \(question.text)",
                surface: Self.shortcutSurface, clientID: question.id))
    }

    private static let absent = ChatError(
        .forbidden, "I am not in that channel, so I cannot read it. Invite me there, or forward the message to me.")
}
