package import Model
package import Schedules

/// Every budget there is, and the zone whose midnight their periods begin at.
package struct BudgetBook: Hashable, Sendable {
    package var budgets: [Budget]
    package var zone: Zone

    package init(_ budgets: [Budget], zone: Zone = .utc) {
        self.budgets = budgets
        self.zone = zone
    }

    /// Nothing is limited.
    package static let none = BudgetBook([])

    private func limited(for subject: BudgetSubject) -> [Budget] {
        guard let limit = subject.runLimit, subject.run != nil else { return budgets }
        guard budgets.contains(where: { $0.scope == .task && $0.period == .run }) else {
            return budgets + [Budget(.task, .run, [.hard: limit])]
        }
        return budgets.map { budget in
            guard budget.scope == .task, budget.period == .run else { return budget }
            var budget = budget
            budget.limits[.hard] = min(limit, budget.limits[.hard] ?? limit)
            return budget
        }
    }

    /// What a call for `subject` at `time` counts against.
    package func accounts(of subject: BudgetSubject, at time: Timestamp) -> [BudgetAccount] {
        limited(for: subject).compactMap { budget in
            guard let name = subject.account(budget.scope, budget.period) else { return nil }
            return BudgetAccount(
                budget: budget, name: name, window: BudgetWindow(budget.period, at: time, in: zone))
        }
    }
}

/// One budget for one of those it is for, in the period that is now.
package struct BudgetAccount: Hashable, Sendable {
    package var budget: Budget
    /// As the store keeps it.
    package var name: String
    package var window: BudgetWindow

    package init(budget: Budget, name: String, window: BudgetWindow) {
        self.budget = budget
        self.name = name
        self.window = window
    }
}

/// An account and what has gone from it, in millionths of a US dollar.
package struct BudgetBalance: Hashable, Sendable {
    package var account: BudgetAccount
    /// By calls whose bill is known.
    package var spent: Int64
    /// Set aside for calls under way, at the most each may cost.
    package var reserved: Int64

    package init(_ account: BudgetAccount, spent: Int64, reserved: Int64) {
        self.account = account
        self.spent = spent
        self.reserved = reserved
    }

    package var taken: Int64 { spent.addingReportingOverflow(reserved).overflow ? .max : spent + reserved }

    package func limit(_ level: BudgetLevel) -> Int64? { account.budget.limits[level] }

    /// Whether what has gone reaches the level. A call under way counts: it will have been paid for.
    package func reaches(_ level: BudgetLevel) -> Bool { limit(level).map { taken >= $0 } ?? false }

    /// Whether another `amount` stays within the hard limit.
    package func has(roomFor amount: Int64) -> Bool {
        guard let limit = limit(.hard) else { return true }
        let (sum, overflow) = taken.addingReportingOverflow(max(0, amount))
        return !overflow && sum <= limit
    }
}
