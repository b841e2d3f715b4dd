package import Model

/// A call that is admitted and about to be made: on whose account, and the most it may cost.
package struct PlannedCall: Sendable {
    package var session: ModelSession
    package var turn: MessageID
    package var work: ModelWork
    package var tier: ModelTier
    package var provider: String
    package var model: String
    /// Millionths of a US dollar; above what it may come to.
    package var microdollars: Int64
}

/// What a turn is part of, beside the conversation it runs in. Nothing of it comes from a request.
package struct ModelWork: Hashable, Sendable {
    /// The task, and which run of it; `nil` for what a person asked.
    package var task: String?
    package var run: String?
    package var skill: String?
    package var subagent: String?
    /// What the run may cost by its owner's word, in millionths of a US dollar.
    package var runLimit: Int64?

    package init(task: String? = nil, run: String? = nil, skill: String? = nil, subagent: String? = nil) {
        self.task = task
        self.run = run
        self.skill = skill
        self.subagent = subagent
    }
}

/// What was set aside for one call. It travels with the call to its record, which gives it back.
package struct ReservationID: RawRepresentable, Hashable, Sendable {
    package let rawValue: Int64

    package init(rawValue: Int64) {
        self.rawValue = rawValue
    }
}

/// There is no money for a call. `message` is a sentence people understand: the agent passes it on.
package struct BudgetRefusal: Error, Sendable {
    package var message: String

    package init(_ message: String) {
        self.message = message
    }
}

/// Who is asked before money is spent. Told of the end by the call's record (`ModelCallRecord.reservation`), which is
/// written for every call that was let through.
package protocol ModelBudget: Sendable {
    /// Sets the most that the call may cost aside. Throws `BudgetRefusal` where no account has it, and anything else where
    /// it cannot be told: then the call is not made either.
    func reserve(_ call: PlannedCall) async throws -> ReservationID?
}

/// For those whose calls are nobody's bill.
package struct UnlimitedBudget: ModelBudget {
    package init() {}
    package func reserve(_ call: PlannedCall) async throws -> ReservationID? { nil }
}
