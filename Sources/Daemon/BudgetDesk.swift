internal import Budgets
internal import Conversations
internal import Model
internal import ModelGateway
internal import Store

/// The gateway's word on money: sets it aside in the store, and tells the conversation where there is none.
struct BudgetDesk: ModelBudget {
    let database: Database
    let budgets: Reloadable<BudgetBook>
    /// Hears of a turn that ran out. Set once, before the gateway runs: conversations are made from it.
    let listener = Reloadable<(@Sendable (BudgetShortage, MessageID, SessionID) async -> Void)?>(nil)

    func reserve(_ call: PlannedCall) async throws -> ReservationID? {
        // What costs nothing is held by no budget.
        guard call.microdollars > 0 else { return nil }
        var draft = ReservationDraft(
            BudgetSubject(call), turn: call.turn, tier: call.tier.rawValue, provider: call.provider,
            model: call.model, microdollars: call.microdollars)
        draft.skill = call.work.skill
        draft.subagent = call.work.subagent
        do {
            return ReservationID(rawValue: try await database.reserve(draft, within: budgets.current).id)
        } catch let shortage as BudgetShortage {
            await listener.current?(shortage, call.turn, call.session.session)
            throw BudgetRefusal(
                "\(shortage.sentence), so the model was not called. There is money again "
                    + "\(shortage.returning(at: database.clock.now())).")
        }
    }
}

extension BudgetSubject {
    init(_ call: PlannedCall) {
        self.init(call.session, call.work)
    }

    init(_ session: ModelSession, _ work: ModelWork) {
        self.init(
            person: session.requester, channel: session.channel, conversation: session.conversation,
            session: session.session, task: work.task, run: work.run)
        runLimit = work.runLimit
    }
}
