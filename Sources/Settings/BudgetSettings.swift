package import Budgets

/// What may be spent on models, by whose money it is. Amounts in millionths of a US dollar.
package struct BudgetSettings: Sendable, Equatable {
    package typealias Limits = [BudgetPeriod: [BudgetLevel: Int64]]

    package internal(set) var company: Limits = [.day: [.hard: 50_000_000]]
    package internal(set) var channel: Limits = [:]
    package internal(set) var person: Limits = [.day: [.soft: 10_000_000]]
    package internal(set) var task: Limits = [.run: [.hard: 1_000_000]]
    package internal(set) var session: Limits = [:]
    package internal(set) var alerts = true
    package internal(set) var throttleSparesRequests = true
    package internal(set) var timeZone = "UTC"
}
