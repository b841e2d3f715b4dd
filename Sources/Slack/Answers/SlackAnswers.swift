package import Conversations
package import Model
internal import SlackText
internal import Store

/// What people do with the buttons under an answer. Whether they may is the book's to say, and the gate's.
package struct SlackAnswers: Sendable {
    private let book: any AnswerBook
    private let clicks: ClickAnswers
    /// As ``ChatService/undo(_:force:by:onBehalfBy:)``, in one's own name and without force.
    private let undo: @Sendable (CallID, PersonID) async throws -> Void

    package init(
        book: any AnswerBook, clicks: ClickAnswers, undo: @escaping @Sendable (CallID, PersonID) async throws -> Void
    ) {
        self.book = book
        self.clicks = clicks
        self.undo = undo
    }

    /// Nothing for buttons that are about something else.
    package func clicked(_ click: SlackClick) async throws {
        guard [.answerGood, .answerBad, .answerDetails, .undo].contains(click.action) else { return }
        try await clicks.act(click.user, at: click.address, isRepeated: click.isRepeated) { person in
            let answer: MessageID = try ClickAnswers.id(click.value)
            switch click.action {
            case .answerGood:
                try await book.rate(answer, .good, words: nil, by: person)
                try await clicks.slack.tell("Noted, thank you.", user: click.user, at: click.address)
            case .answerBad: try await askWhatWasWrong(click, answer, person)
            case .answerDetails:
                let details = try await book.details(of: answer, for: person)
                try await clicks.open(
                    SlackModals.details(title: "How this answer was made", details.text), by: click.trigger)
            case .undo: try await undoAll(of: answer, click, person)
            default: break
            }
        }
    }

    /// The form that asks what was wrong was sent off.
    package func submitted(_ form: SlackForm) async throws {
        try await clicks.act(form.user, at: nil, isRepeated: form.isRepeated) { person in
            guard let words = form.words else { return }
            try await book.rate(try ClickAnswers.id(form.subject), .bad, words: words, by: person)
        }
    }

    /// Stored before it is asked: a form that is closed, or does not open, loses nothing.
    private func askWhatWasWrong(_ click: SlackClick, _ answer: MessageID, _ person: PersonID) async throws {
        try await book.rate(answer, .bad, words: nil, by: person)
        let changes = try await book.undoable(in: answer, for: person).count
        let form = SlackModals.feedback(on: answer.rawValue, undoable: changes)
        guard (try? await clicks.open(form, by: click.trigger)) == nil else { return }
        try await clicks.slack.tell("Noted, thank you.", user: click.user, at: click.address)
    }

    /// The newest change first, each a call of its own through the gate; what cannot be undone stays, and is told.
    private func undoAll(of answer: MessageID, _ click: SlackClick, _ person: PersonID) async throws {
        let calls = try await book.undoable(in: answer, for: person)
        guard !calls.isEmpty else {
            throw ChatError(.conflict, "There is nothing left to undo here, or it is not yours to undo.")
        }
        var done = 0
        var obstacles: [String] = []
        for call in calls {
            do {
                try await undo(call, person)
                done += 1
            } catch let error as ChatError {
                obstacles.append(error.message)
            }
        }
        let head = done == 1 ? "1 change was undone." : "\(done) changes were undone."
        let rest = obstacles.isEmpty ? "" : " Not undone: " + obstacles.prefix(5).joined(separator: " ")
        try await clicks.slack.tell(head + rest, user: click.user, at: click.address)
    }
}
