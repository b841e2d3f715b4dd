internal import Conversations
internal import Logging
internal import MCP
internal import Model
internal import SlackAPI
internal import Store

// Changed and withdrawn messages; channels and accounts that are not what they were.
extension SlackEventHandler {
    /// Other words in place of those nobody has begun to answer; else they are said as what they are, a change.
    func takeEdit(_ event: JSONValue) async throws {
        guard let inner = event["message"], let channel = event["channel"]?.stringValue,
            let message = SlackUtterance(inner, channel: channel), let edited = message.edited
        else { return }
        // Slack adds previews to messages, and tells of that as of a change.
        guard message.text != event["previous_message"]?["text"]?.stringValue else { return }
        let author = try await author(of: message)
        guard author.kind != .ourselves else { return }
        guard let first = try await database.message(surface: SlackInbound.surface, eventID: message.eventID) else {
            return try await replaceHeard(message, by: author)
        }
        guard let place = try await database.conversation(first.conversation)?.channel else { return }
        let id = "\(message.eventID):\(edited)"
        guard try await isStill(first.author, author), let person = first.author else {
            return try await tellOfChange(message, by: author, to: first.conversation, in: place, id: id)
        }
        let text = try await words.markdown(of: message)
        switch try await parts.conversations.revise(message.eventID, of: SlackInbound.surface, text: text) {
        case .replaced, .unknown: return
        case .underWay:
            _ = try await parts.conversations.submit(
                InboundMessage(
                    channel: place, conversation: first.conversation, author: person,
                    text: "I changed my message. It now says:\n\(text)", surface: SlackInbound.surface, clientID: id,
                    isRelayed: author.isProgram))
        case .answered: try await tellOfChange(message, by: author, to: first.conversation, in: place, id: id)
        }
    }

    /// Whether whoever said it is who changes it: the account may be nobody's any more, or somebody else's.
    private func isStill(_ person: PersonID?, _ author: Author) async throws -> Bool {
        guard let user = author.user, author.kind == .member || author.isProgram else { return false }
        do {
            return try await self.person(user, author.kind) == person
        } catch let error as ChatError where error.code == .forbidden {
            return false
        }
    }

    private func tellOfChange(
        _ message: SlackUtterance, by author: Author, to conversation: ConversationID, in place: ChannelID, id: String
    ) async throws {
        guard var line = try await line(of: message, by: author) else { return }
        (line.eventID, line.at) = (id, parts.clock.now())
        line.text = "(changed an earlier message, which now says:)\n\(line.text)"
        for line in try await parts.conversations.screened([line], in: place) {
            try await parts.conversations.hear(line, in: conversation)
        }
    }

    /// What was only heard says something else now: screened as if it had been said so.
    private func replaceHeard(_ message: SlackUtterance, by author: Author) async throws {
        let (surface, id) = (SlackInbound.surface, message.eventID)
        guard let heard = try await database.heard(surface: surface, eventID: id),
            let place = try await database.conversation(heard.conversation)?.channel
        else { return }
        let line = try await line(of: message, by: author)
        let kept = try await parts.conversations.screened(line.map { [$0] } ?? [], in: place).first
        guard let kept else { return try await database.forgetHeard(surface: surface, eventID: id) }
        try await database.replaceHeard(surface: surface, eventID: id, text: kept.text, labels: kept.labels)
    }

    func takeDeletion(_ event: JSONValue) async throws {
        guard let channel = event["channel"]?.stringValue,
            let ts = (event["deleted_ts"]?.stringValue ?? event["previous_message"]?["ts"]?.stringValue)
                .flatMap(SlackTimestamp.init)
        else { return }
        let eventID = "\(channel):\(ts.text)"
        guard try await !parts.conversations.retract(eventID, of: SlackInbound.surface) else { return }
        try await database.forgetHeard(surface: SlackInbound.surface, eventID: eventID)
    }

    func takeChange(_ kind: SlackEventKind, of channel: String, _ event: JSONValue) async throws {
        let us = try await parts.directory.identity().userID
        let user = event["user"]?.stringValue
        switch kind {
        case .memberJoined where user == us: try await joined(try await refresh(channel), event)
        case .channelChanged: _ = try await refresh(channel)
        case .weLeft: try await leave(channel)
        case .memberLeft where user == us: try await leave(channel)
        case .memberLeft:
            guard let user, let person = try await parts.people.known(user) else { return }
            try await takeOut(person, of: channel)
        default: return
        }
    }

    func takeUser(_ event: JSONValue) async throws {
        guard let user = event["user"].flatMap(SlackUser.init) else { return }
        let account = SlackAccount(user, home: try await parts.directory.identity().teamID)
        await parts.directory.remember(account)
        try await parts.people.changed(account)
    }

    /// Whoever is out of the Slack channel reads its conversations no more, and what runs there for them ends.
    func takeOut(_ person: PersonID, of channel: String) async throws {
        guard let room = try await database.slackChannel(channel)?.channel,
            try await database.mayRead(channel: room, person: person),
            try await database.channel(room)?.kind == .room
        else { return }
        try await parts.conversations.removeMember(person, from: room, by: person)
    }

    private func leave(_ channel: String) async throws {
        guard let known = try await database.slackChannel(channel) else { return }
        try await database.saveSlackChannel(
            channel, name: known.name, kind: known.kind, isMember: false, isArchived: known.isArchived,
            seen: known.seen)
    }

    /// What is kept of a channel; asked of Slack where that is nothing.
    func channel(_ id: String) async throws -> SlackChannelRecord {
        if let known = try await database.slackChannel(id), known.isMember { return known }
        return try await refresh(id)
    }

    /// What Slack says of a channel now. A new one is followed from now on.
    private func refresh(_ id: String) async throws -> SlackChannelRecord {
        let place = try await parts.workspace.place(id)
        return try await database.saveSlackChannel(
            id, name: place.name, kind: place.kind, isMember: place.isMember, isArchived: place.isArchived,
            seen: SlackTimestamp(parts.clock.now()).text)
    }
}
