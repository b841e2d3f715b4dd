internal import Conversations
internal import Logging
internal import MCP
internal import Model
internal import SlackAPI
package import Store

/// Works off one kept event. Called again for the same one after a crash or a failure: everything it does is done once.
package struct SlackEventHandler: Sendable {
    let parts: SlackInboundParts
    let words: SlackWords
    let courtesy: SlackCourtesy

    var database: Database { parts.database }
    var options: SlackInboundOptions { parts.options.current }

    package init(_ parts: SlackInboundParts) {
        self.parts = parts
        words = SlackWords(directory: parts.directory)
        courtesy = SlackCourtesy(parts)
    }

    package func handle(_ record: SlackEventRecord) async throws {
        let event: JSONValue
        do { event = try JSONValue(parsing: record.body) } catch {
            throw SlackInboundError("The event is no JSON: \(error)")
        }
        guard let kind = SlackEventKind(rawValue: record.kind) else {
            throw SlackInboundError("Nothing is known of events of the kind \(record.kind).")
        }
        switch kind {
        case .message:
            guard let message = SlackUtterance(event) else { throw SlackInboundError("The message is none.") }
            try await take(message, received: record.received)
        case .edited: try await takeEdit(event)
        case .deleted: try await takeDeletion(event)
        case .memberJoined, .memberLeft, .weLeft, .channelChanged:
            try await takeChange(kind, of: record.lane.prefix { $0 != "/" }.description, event)
        case .userChanged: try await takeUser(event)
        }
    }

    // MARK: A message

    private func take(_ message: SlackUtterance, received: Timestamp) async throws {
        let author = try await author(of: message)
        let channel = try await channel(message.channel)
        guard try await isAdmitted(channel) else {
            return try await turnAway(message, by: author, in: channel, received)
        }
        let thread = try await thread(of: message)
        let engagement = Engagement.decide(
            Engagement.Question(
                author: author.kind, place: try await place(of: message, in: thread, author), subtype: message.subtype,
                isHidden: message.isHidden, isMentioned: try await isMentioned(in: message),
                hasFiles: !message.files.isEmpty, text: message.text),
            by: options.rules(of: channel))
        parts.logger.debug("slack message", metadata: ["engagement": "\(engagement)"])
        if case .member = author.kind {
            for place in [message.channel, SlackEvent.lane(message.channel, message.conversationThread)] {
                try await database.clearSlackBotTurns(in: place)
            }
        }
        switch engagement {
        case .ignore: return
        case .context(let reason):
            if thread == nil, reason == .notAddressed, mayReplyToUnheard(message) { throw SlackWaitsForGap() }
            guard let thread else { return }
            try await hear(message, by: author, in: thread)
        case .engage:
            let isLate = message.ts.time.advanced(by: options.catchUp) < received
            try await engage(message, by: author, in: channel, isLate: isLate)
        }
    }

    /// Whether what it replies to may be a question of the time without a connection, which makes it one too.
    private func mayReplyToUnheard(_ message: SlackUtterance) -> Bool {
        message.thread != nil && parts.gap.isOpen
            && parts.clock.now() < message.ts.time.advanced(by: SlackGap.patience)
    }

    /// The thread that the message is in, where that is a conversation here.
    private func thread(of message: SlackUtterance) async throws -> SlackThreadRecord? {
        if let known = try await database.slackThread(message.conversationThread, in: message.channel) { return known }
        return try await database.adoptSlackThread(
            message.conversationThread, in: message.channel, seen: message.ts.text)
    }

    private func place(
        of message: SlackUtterance, in thread: SlackThreadRecord?, _ author: Author
    ) async throws -> Engagement.Place {
        if message.isDirect { return .direct }
        guard let thread else { return .channel }
        let speakers = try await database.slackSpeakers(
            of: thread.thread, in: thread.channel, before: message.ts.text)
        return .ourThread(hasOthers: speakers.contains { $0 != author.account })
    }

    func isMentioned(in message: SlackUtterance) async throws -> Bool {
        if message.isMention { return true }
        guard let us = try await parts.directory.identity().userID else { return false }
        return message.text.contains("<@\(us)>") || message.text.contains("<@\(us)|")
    }

    /// What is said in a thread of ours and not to the assistant.
    private func hear(_ message: SlackUtterance, by author: Author, in thread: SlackThreadRecord) async throws {
        guard let place = try await database.conversation(thread.conversation)?.channel,
            let line = try await line(of: message, by: author)
        else { return }
        for line in try await parts.conversations.screened([line], in: place) {
            try await parts.conversations.hear(line, in: thread.conversation)
        }
        try await database.addSlackSpeaker(
            author.account, to: thread.thread, in: thread.channel, since: message.ts.text)
    }
}

/// Something that no second try mends.
struct SlackInboundError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
