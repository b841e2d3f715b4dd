internal import Conversations
internal import Model
internal import SlackAPI
internal import Store

// Who said something, and how it is told to an agent.
extension SlackEventHandler {
    struct Author: Sendable {
        let kind: Engagement.Author
        /// The user's id, else the program's.
        let account: String
        /// `nil` for the app itself, and for a program without an account.
        let user: SlackAccount?

        var isProgram: Bool {
            if case .bot = kind { true } else { false }
        }

        var isOutsider: Bool {
            switch kind {
            case .ourselves, .member: false
            case .guest, .stranger, .deactivated, .bot: true
            }
        }
    }

    func author(of message: SlackUtterance) async throws -> Author {
        let us = try await parts.directory.identity()
        let isOurs =
            (message.user != nil && message.user == us.userID) || (message.bot != nil && message.bot == us.botID)
            || (message.app != nil && message.app == us.appID)
        if isOurs { return Author(kind: .ourselves, account: message.user ?? "", user: nil) }
        var user: SlackAccount?
        if let id = message.user { user = try await account(id, of: message) }
        let account = message.user ?? message.bot ?? ""
        if message.bot != nil || message.subtype == "bot_message" || user?.isBot ?? true {
            let isAllowed = if let user { try await parts.people.principal(ofBot: user) != nil } else { false }
            let turns = isAllowed ? try await database.slackBotTurns(in: botPlace(of: message)) : 0
            return Author(kind: .bot(isAllowed: isAllowed, turns: turns), account: account, user: user)
        }
        guard let user else { return Author(kind: .bot(isAllowed: false, turns: 0), account: account, user: nil) }
        if user.isDeactivated { return Author(kind: .deactivated, account: account, user: user) }
        if user.isStranger { return Author(kind: .stranger, account: account, user: user) }
        return Author(kind: user.isGuest ? .guest : .member, account: account, user: user)
    }

    /// Where programs' turns are counted: a thread, or the channel for what they say at top level.
    func botPlace(of message: SlackUtterance) -> String {
        message.thread == nil ? message.channel : SlackEvent.lane(message.channel, message.conversationThread)
    }

    /// Of a stranger Slack may tell nothing: then that is what they are.
    private func account(_ id: String, of message: SlackUtterance) async throws -> SlackAccount {
        do {
            return try await parts.directory.user(id)
        } catch let error as SlackError where error.kind == .notThere {
            return SlackAccount(id: id, name: id, team: "", isStranger: true)
        }
    }

    /// `nil` for what says nothing, and for what Slack itself writes. Labelled as outside content where it is an outsider's.
    func line(of message: SlackUtterance, by author: Author) async throws -> HeardLine? {
        var text = try await words.markdown(of: message)
        for file in message.files { text += (text.isEmpty ? "" : "\n") + "[attached: \(file.name)]" }
        guard text.contains(where: { !$0.isWhitespace }) else { return nil }
        let speaker: HeardLine.Speaker
        if author.kind == .ourselves {
            speaker = .assistant
        } else if !author.isOutsider, let person = try await parts.people.known(author.account) {
            speaker = .person(person)
        } else {
            let name = author.user?.name ?? author.account
            speaker = .other(author.isOutsider ? "\(name) (from outside)" : name)
        }
        return HeardLine(
            surface: SlackInbound.surface, eventID: message.eventID, speaker: speaker, text: text,
            labels: author.isOutsider ? .untrusted : [], at: message.ts.time)
    }
}
