internal import Conversations
internal import Logging
internal import Model
internal import SlackAPI
internal import Store

// A message that is for the assistant: it becomes one of its author's, in the thread's conversation.
extension SlackEventHandler {
    func engage(
        _ message: SlackUtterance, by author: Author, in channel: SlackChannelRecord, isLate: Bool
    ) async throws {
        guard let user = author.user else { return }
        if message.isDirect, try await takesCommand(message, by: user) { return }
        let (person, place): (PersonID, ChannelID)
        do {
            person = try await self.person(user, author.kind)
            place = try await room(of: channel, for: person, as: author)
        } catch let error as ChatError where error.code == .forbidden {
            // Of what was said long ago nobody has to hear now that it was for nothing.
            if !isLate { await courtesy.refuse(user.id, error.message, in: message) }
            return
        }
        let text = try await words.markdown(of: message)
        let conversation = try await conversation(of: message, in: place, text: text)
        if isLate {
            return try await skip(message, by: author, in: conversation, place)
        }
        if message.files.isEmpty, let word = SlackWord(text) {
            return try await answer(word, in: conversation, for: person, of: message)
        }
        if case .bot = author.kind { try await database.addSlackBotTurn(in: botPlace(of: message)) }
        // Before it is submitted, so that whoever comes next finds this one there.
        try await database.addSlackSpeaker(
            author.account, to: message.conversationThread, in: message.channel, since: message.ts.text)
        guard let receipt = try await submit(message, by: author, text: text, for: person, in: place, conversation)
        else { return }
        parts.taken(
            SlackTakenMessage(
                channel: message.channel, ts: message.ts, user: user.id, team: user.team, message: receipt.message,
                conversation: receipt.conversation))
    }

    /// A word for the machinery: done at once, and answered to whoever said it alone.
    private func answer(
        _ word: SlackWord, in conversation: ConversationID, for person: PersonID, of message: SlackUtterance
    ) async throws {
        let sentence: String
        do {
            sentence = try await ThreadAnswers(chat: parts.conversations, tasks: parts.tasks)
                .answer(word, in: conversation, for: person)
        } catch let error as ChatError {
            sentence = error.message
        }
        await courtesy.tell(message.user, sentence, in: message)
    }

    func person(_ user: SlackAccount, _ kind: Engagement.Author) async throws -> PersonID {
        guard case .bot = kind else { return try await parts.people.person(of: user) }
        guard let principal = try await parts.people.principal(ofBot: user) else {
            throw ChatError(.forbidden, "This program may not use the assistant.")
        }
        return principal
    }

    /// The person's own channel, or the room that the Slack channel is; whoever speaks in that is in it, and reads it from
    /// then on. Of one that is not public Slack is asked: they may have left meanwhile, and for whom a program speaks may
    /// never have been in it. Once more when they have been let in: whose leaving was told between the two would stay.
    func room(
        of channel: SlackChannelRecord, for person: PersonID, as author: Author
    ) async throws -> ChannelID {
        if channel.kind == .direct { return try await database.dmChannel(of: person).id }
        let room = try await database.roomOfSlackChannel(channel.id)
        guard try await !database.mayRead(channel: room, person: person) else { return room }
        guard channel.kind != .public else {
            try await parts.conversations.enter(person, room, because: SlackInbound.surface)
            return room
        }
        let outside = ChatError(.forbidden, "You are not in this channel, so nothing is done for you in it.")
        guard try await isIn(channel, person, author) else { throw outside }
        try await parts.conversations.enter(person, room, because: SlackInbound.surface)
        guard try await isIn(channel, person, author) else {
            try await takeOut(person, of: channel.id)
            throw outside
        }
        return room
    }

    private func isIn(_ channel: SlackChannelRecord, _ person: PersonID, _ author: Author) async throws -> Bool {
        var accounts = Set(
            try await database.accounts().filter { $0.surface == SlackInbound.surface && $0.person == person }
                .map(\.account))
        if author.kind == .member { accounts.insert(author.account) }
        return try await !parts.workspace.members(of: channel.id).isDisjoint(with: accounts)
    }

    private func submit(
        _ message: SlackUtterance, by author: Author, text: String, for person: PersonID, in place: ChannelID,
        _ conversation: ConversationID
    ) async throws -> Receipt? {
        // After a crash the files were fetched already.
        guard try await database.message(surface: SlackInbound.surface, eventID: message.eventID) == nil else {
            return nil
        }
        let (files, notes) = try await fetch(message.files, for: person)
        let lines = [text] + notes
        do {
            return try await parts.conversations.submit(
                InboundMessage(
                    channel: place, conversation: conversation, author: person,
                    text: lines.filter { !$0.isEmpty }.joined(separator: "\n"), attachments: files,
                    surface: SlackInbound.surface, clientID: message.eventID, isRelayed: author.isProgram))
        } catch let error as ChatError where error.code != .unavailable {
            await courtesy.tell(message.user, error.message, in: message)
            return nil
        }
    }

    /// What was said while nobody was here to answer it: known to the assistant, and not answered. That is said once.
    private func skip(
        _ message: SlackUtterance, by author: Author, in conversation: ConversationID, _ place: ChannelID
    ) async throws {
        if let line = try await line(of: message, by: author) {
            for line in try await parts.conversations.screened([line], in: place) {
                try await parts.conversations.hear(line, in: conversation)
            }
        }
        try await database.addSlackSpeaker(
            author.account, to: message.conversationThread, in: message.channel, since: message.ts.text)
        guard await courtesy.takeSkipNotice() else {
            parts.logger.warning(
                "a message was not answered, and nobody was told: too many at a time",
                metadata: ["channel": "\(message.channel)", "ts": "\(message.ts)"])
            return
        }
        let notice = try await database.addSkipNotice(
            "I was not running when this was said (\(Self.age(message.ts.time, parts.clock.now()))). I have read it, and "
                + "did nothing about it: if it still matters, please ask again.",
            of: message.conversationThread, in: message.channel, about: message.ts.text,
            told: SlackTimestamp(parts.clock.now()).text)
        guard let notice else { return await courtesy.returnSkipNotice() }
        await parts.conversations.publish([notice.id])
    }

    static func age(_ time: Timestamp, _ now: Timestamp) -> String {
        let minutes = max(0, now.duration(since: time).components.seconds / 60)
        switch minutes {
        case ..<120: return "\(minutes) minutes ago"
        case ..<2880: return "\(minutes / 60) hours ago"
        default: return "\(minutes / 1440) days ago"
        }
    }
}
