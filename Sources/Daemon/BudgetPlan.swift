internal import Budgets
internal import Schedules
internal import Settings

extension BudgetBook {
    /// Every budget of the settings, in order of scope and period.
    init(_ settings: BudgetSettings) {
        let scopes: [(BudgetScope, BudgetSettings.Limits)] = [
            (.company, settings.company), (.channel, settings.channel), (.person, settings.person),
            (.task, settings.task), (.session, settings.session),
        ]
        let budgets = scopes.flatMap { scope, limits in
            BudgetPeriod.allCases.compactMap { period in limits[period].map { Budget(scope, period, $0) } }
        }
        // Checked when it was read; a zone that the system forgot since counts in UTC.
        self.init(budgets, zone: (try? Zone(settings.timeZone)) ?? .utc)
    }
}
