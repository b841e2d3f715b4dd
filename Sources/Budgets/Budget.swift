/// Whose money a budget is about. Every model call counts against one of each kind it has.
package enum BudgetScope: String, CaseIterable, Hashable, Sendable {
    case company, channel, person, task, session
}

/// How long a budget lasts. Days begin at midnight, weeks on Monday and months on the first, in the zone of the
/// ``BudgetBook``.
package enum BudgetPeriod: String, CaseIterable, Hashable, Sendable {
    case day, week, month
    /// The whole of one run of a task, or of one session.
    case run

    /// Those that mean something for a scope: a session is over before a month is, and a company is no run.
    package static func all(of scope: BudgetScope) -> [BudgetPeriod] {
        switch scope {
        case .company, .channel, .person: [.day, .week, .month]
        case .task: [.day, .week, .month, .run]
        case .session: [.run]
        }
    }
}

/// What happens when a limit is reached.
package enum BudgetLevel: String, CaseIterable, Hashable, Sendable {
    /// The person is told, once a period.
    case soft
    /// Turns run one tier lower.
    case throttle
    /// No call is made that could go beyond it.
    case hard
}

/// Limits on what is spent in one period, in millionths of a US dollar. A level without a limit never comes.
package struct Budget: Hashable, Sendable {
    package var scope: BudgetScope
    package var period: BudgetPeriod
    package var limits: [BudgetLevel: Int64]

    package init(_ scope: BudgetScope, _ period: BudgetPeriod, _ limits: [BudgetLevel: Int64]) {
        self.scope = scope
        self.period = period
        self.limits = limits
    }
}
