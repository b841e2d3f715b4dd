/// Whether something said in Slack is for the assistant. A function of what is known when it was said, and of nothing else:
/// no model decides it, and no text can.
package enum Engagement: Hashable, Sendable {
    case engage(Reason)
    /// Not for the assistant; told to it where it works in that thread.
    case context(Reason)
    /// Not even that.
    case ignore(Reason)

    package enum Reason: String, Sendable {
        case direct, mentioned, named, keyword, followUp
        case notAddressed, othersInThread
        case ourselves, system, hidden, empty, guest, stranger, deactivated, unknownBot, botLoop
    }

    package enum Author: Hashable, Sendable {
        /// The app itself.
        case ourselves
        /// A full member of the home workspace.
        case member
        case guest
        /// Of another workspace.
        case stranger
        case deactivated
        /// `isAllowed`: the operator lets it speak for somebody. `turns`: how often programs were answered there in a
        /// row, with no person saying anything between.
        case bot(isAllowed: Bool, turns: Int)
    }

    package enum Place: Hashable, Sendable {
        /// One person and the app.
        case direct
        /// At top level, or in a thread the assistant has nothing to do with.
        case channel
        /// `hasOthers`: somebody besides the author and the assistant has said something in it.
        case ourThread(hasOthers: Bool)
    }

    package struct Question: Hashable, Sendable {
        package var author: Author
        package var place: Place
        package var subtype: String?
        package var isHidden = false
        package var isMentioned = false
        package var hasFiles = false
        /// As Slack wrote it.
        package var text: String

        package init(
            author: Author, place: Place, subtype: String? = nil, isHidden: Bool = false, isMentioned: Bool = false,
            hasFiles: Bool = false, text: String
        ) {
            self.author = author
            self.place = place
            self.subtype = subtype
            self.isHidden = isHidden
            self.isMentioned = isMentioned
            self.hasFiles = hasFiles
            self.text = text
        }
    }

    /// What people type. Everything else Slack makes messages of: joins, topics, pins, reminders.
    private static let said: Set<String> = ["file_share", "me_message", "thread_broadcast", "bot_message"]

    package static func decide(_ question: Question, by rules: EngagementRules) -> Engagement {
        if question.author == .ourselves { return .ignore(.ourselves) }
        if let subtype = question.subtype, !said.contains(subtype) { return .ignore(.system) }
        if question.isHidden { return .ignore(.hidden) }
        if question.text.allSatisfy(\.isWhitespace), !question.hasFiles { return .ignore(.empty) }
        switch question.author {
        case .ourselves, .member: break
        // Heard, never obeyed.
        case .guest: return .context(.guest)
        case .stranger: return .context(.stranger)
        case .deactivated: return .ignore(.deactivated)
        case .bot(let isAllowed, let turns):
            guard isAllowed else { return .context(.unknownBot) }
            guard turns < rules.botTurns else { return .context(.botLoop) }
            // A program has to say whom it means: it does not follow up.
            return question.isMentioned ? .engage(.mentioned) : .context(.notAddressed)
        }
        if question.place == .direct { return .engage(.direct) }
        if question.isMentioned { return .engage(.mentioned) }
        if rules.names.contains(where: { Spoken.isAddressed(to: $0, question.text) }) { return .engage(.named) }
        if case .ourThread(let hasOthers) = question.place {
            switch rules.followUps {
            case .always: return .engage(.followUp)
            case .alone where !hasOthers: return .engage(.followUp)
            case .alone: return .context(.othersInThread)
            case .never: break
            }
        }
        if rules.keywords.contains(where: { Spoken.has($0, question.text) }) { return .engage(.keyword) }
        return .context(.notAddressed)
    }
}

/// What the operator decides about a channel.
package struct EngagementRules: Hashable, Sendable {
    package enum FollowUps: String, Sendable, CaseIterable {
        /// Every reply in a thread the assistant is in is for it.
        case always
        /// As long as one person alone talks with it there; once others joined, a mention.
        case alone
        case never
    }

    package var followUps = FollowUps.alone
    /// By which it is called at the beginning of a message, besides being mentioned.
    package var names: [String] = []
    /// Words anywhere in a message that are for it.
    package var keywords: [String] = []
    /// Answers to programs in a row, with no person between.
    package var botTurns = 3

    package init() {}
}
