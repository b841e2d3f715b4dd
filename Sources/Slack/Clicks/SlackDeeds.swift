internal import Conversations
internal import SlackText
package import Store

/// Does what people clicked and sent off, each where it belongs.
package struct SlackDeeds: Sendable {
    private let approvals: SlackApprovals
    private let admissions: SlackAdmissions
    private let buttons: SlackButtons
    private let rated: SlackAnswers
    private let home: SlackHome
    private let asking: SlackAsking
    private let clicks: ClickAnswers
    private let subjects: ClickSubjects

    package init(
        database: Database, approvals: SlackApprovals, admissions: SlackAdmissions, buttons: SlackButtons,
        rated: SlackAnswers, home: SlackHome, asking: SlackAsking, clicks: ClickAnswers
    ) {
        (self.approvals, self.admissions, self.buttons, self.rated) = (approvals, admissions, buttons, rated)
        (self.home, self.asking, self.clicks) = (home, asking, clicks)
        subjects = ClickSubjects(database: database) {
            await approvals.sweep()
            await admissions.sweep()
        }
    }

    /// Throws what may pass; whoever it was is told everything else.
    package func act(_ interaction: SlackInteraction) async throws {
        for click in interaction.clicks {
            try await act(click)
            // After what was done in it.
            if click.place == .home { await home.show(click.user) }
        }
        if let form = interaction.form { try await act(form) }
        if let shortcut = interaction.shortcut { try await asking.open(shortcut) }
    }

    private func act(_ claimed: SlackClick) async throws {
        let click: SlackClick
        do {
            click = try await subjects.checked(claimed, clicks.time)
        } catch let error as ChatError {
            return await clicks.tell(error.message, claimed.user, at: claimed.address)
        }
        switch click.action {
        case .allowOnce, .allowConversation, .allowChannel, .allowCompany, .deny, .approvalDetails:
            try await approvals.clicked(click)
        case .answerGood, .answerBad, .answerDetails, .undo: try await rated.clicked(click)
        case .postAnswer, .stop: try await buttons.clicked(click)
        case .admit, .turnAway: try await admissions.clicked(click)
        case .revokeGrant: try await home.clicked(click)
        case .denialForm, .feedbackForm, .questionForm: break
        }
    }

    private func act(_ form: SlackForm) async throws {
        switch form.action {
        case .denialForm: try await approvals.denied(form)
        case .feedbackForm: try await rated.submitted(form)
        case .questionForm: try await asking.ask(form)
        default: break
        }
    }
}
