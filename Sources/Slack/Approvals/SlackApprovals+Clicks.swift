internal import Conversations
internal import Model
internal import SlackText
internal import Store

extension SlackApprovals {
    /// Does what a click on a card asks for, as far as whoever clicked may; nothing for other buttons.
    package func clicked(_ click: SlackClick) async throws {
        try await clicks.act(click.user, at: click.address, isRepeated: click.isRepeated) { person in
            switch click.action {
            case .allowOnce: try await self.allow(click, nil, person)
            case .allowConversation: try await self.allow(click, .conversation, person)
            case .allowChannel: try await self.allow(click, .channel, person)
            case .allowCompany: try await self.allow(click, .company, person)
            case .deny: try await self.askWhy(click, person)
            case .approvalDetails: try await self.showDetails(click, person)
            default: break
            }
        }
    }

    /// The modal that asked why was sent off.
    package func denied(_ denial: SlackForm) async throws {
        try await clicks.act(denial.user, at: nil, isRepeated: denial.isRepeated) { person in
            try await self.board.answer(
                ClickAnswers.id(denial.subject), allow: false, scope: nil, reason: denial.words, by: person)
        }
        await sweep()
    }

    /// The cards are brought to the end whatever became of the answer: somebody else may have been first.
    private func allow(_ click: SlackClick, _ scope: GrantScope?, _ person: PersonID) async throws {
        let id: ApprovalID = try ClickAnswers.id(click.value)
        do {
            try await board.answer(id, allow: true, scope: scope, reason: nil, by: person)
        } catch {
            await sweep()
            throw error
        }
        await sweep()
    }

    /// A denial that cannot be explained is still one: where no modal opens, it is given without a reason.
    private func askWhy(_ click: SlackClick, _ person: PersonID) async throws {
        let id: ApprovalID = try ClickAnswers.id(click.value)
        guard let view = try await board.question(id, for: person) else {
            throw ChatError(.notFound, "There is no such question.")
        }
        if view.isYours, try await database.approval(id)?.state == .pending,
            (try? await clicks.open(SlackModals.denial(of: id.rawValue, tool: view.tool), by: click.trigger)) != nil
        {
            return
        }
        // Whose it is not, and what is answered already, is told by whoever takes answers.
        try await board.answer(id, allow: false, scope: nil, reason: nil, by: person)
        await sweep()
    }

    private func showDetails(_ click: SlackClick, _ person: PersonID) async throws {
        guard let view = try await board.question(ClickAnswers.id(click.value), for: person) else {
            throw ChatError(.forbidden, "This question is not yours to see.")
        }
        try await clicks.open(SlackModals.details(of: ApprovalCard(view)), by: click.trigger)
    }
}
