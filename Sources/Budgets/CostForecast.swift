package import Model
package import Schedules

/// What a month will have cost when it ends, if people go on as in the last two weeks.
package struct CostForecast: Hashable, Sendable {
    package var month: BudgetWindow
    /// Millionths of a US dollar.
    package var spent: Int64
    package var expected: Int64

    /// How far it looks back for what a day costs. Two whole weeks: every weekday is in it twice.
    package static let trail: Duration = .seconds(14 * 86_400)

    /// - Parameters:
    ///   - spent: In the month `now` lies in, so far.
    ///   - trailing: In the time `trail` before now, or since `first`, where anything was first spent, if that is later.
    package init(spent: Int64, trailing: Int64, first: Timestamp?, now: Timestamp, zone: Zone) {
        month = BudgetWindow(.month, at: now, in: zone)
        self.spent = spent
        let began = now.advanced(by: .zero - Self.trail)
        // Less than a day of figures says nothing of a day.
        let length = max(86_400_000, now.milliseconds - max(began, first ?? now).milliseconds)
        let left = max(0, (month.end ?? now).milliseconds - now.milliseconds)
        let rest = Double(trailing) / Double(length) * Double(left)
        expected = spent + (rest.isFinite && rest < 1e18 ? Int64(rest.rounded()) : 0)
    }
}
