internal import Conversations
internal import Model
internal import SlackText
internal import Store

/// What a click is about. What we posted is kept with where it stands, and a button counts only in the message that was made
/// with it: what the click itself says, of that message or of what the button carried, has to agree.
struct ClickSubjects: Sendable {
    let database: Database
    /// Finds cards that were posted, and of which it is not written down where they stand.
    let findCards: @Sendable () async -> Void

    /// What Slack shows may be clicked before it is written down that it is there.
    private static let tries = 4
    private static let pause: Duration = .milliseconds(150)

    /// The click, with its turn; throws `ChatError` where it is about nothing that we made.
    func checked(_ click: SlackClick, _ time: SlackTime) async throws -> SlackClick {
        switch click.place {
        case .home:
            guard Self.atHome.contains(click.action) else { throw ClickAnswers.nothing }
            return click
        case .modal(let subject):
            guard click.action == .undo, click.value == subject else { throw ClickAnswers.nothing }
            return click
        case .message(let address, let ts):
            for number in 1...Self.tries {
                let posts = try await database.posts(in: address.channel, ts: ts.text)
                if let found = try await click.found(in: posts, database) { return found }
                guard number < Self.tries else { break }
                if number == 2 { await findCards() }
                try await time.sleep(Self.pause)
            }
            throw ClickAnswers.nothing
        }
    }

    private static let atHome: Set<SlackAction> = [
        .allowOnce, .allowConversation, .allowChannel, .allowCompany, .deny, .approvalDetails, .stop, .revokeGrant,
    ]
}

extension SlackClick {
    /// Itself where one of `posts` has such a button.
    fileprivate func found(in posts: [SlackPostRecord], _ database: Database) async throws -> SlackClick? {
        let kind: SlackPostRecord.Kind
        switch action {
        case .allowOnce, .allowConversation, .allowChannel, .allowCompany, .deny, .approvalDetails: kind = .card
        case .admit, .turnAway: kind = .admission
        case .answerGood, .answerBad, .answerDetails, .postAnswer: kind = .message
        case .stop:
            guard let post = posts.first(where: { $0.kind == .progress }), let id = MessageID(post.subject),
                let message = try await database.message(id), message.conversation.rawValue == value
            else { return nil }
            var click = self
            click.turn = id
            return click
        case .undo, .revokeGrant, .denialForm, .feedbackForm, .questionForm: return nil
        }
        return posts.contains { $0.kind == kind && $0.subject == value } ? self : nil
    }
}
