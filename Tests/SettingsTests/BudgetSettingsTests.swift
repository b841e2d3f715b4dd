import Budgets
import Settings
import Testing

@Suite struct BudgetSettingsTests {
    private static func settings(_ text: String) throws -> BudgetSettings {
        try Settings.parse(text, file: "/x/bulkhead.yaml").budgets
    }

    @Test func theDefaultsLimitTheCompanyThePersonAndTheRun() throws {
        let budgets = try Self.settings("")
        #expect(budgets.company == [.day: [.hard: 50_000_000]] && budgets.person == [.day: [.soft: 10_000_000]])
        #expect(budgets.task == [.run: [.hard: 1_000_000]])
        #expect(budgets.channel.isEmpty && budgets.session.isEmpty && budgets.timeZone == "UTC")
    }

    @Test func everyScopeHasItsPeriodsAndLevels() throws {
        let budgets = try Self.settings(
            """
            budgets:
              company: {}
              channel: {week: {throttle: 5, hard: 7.5}}
              person: {day: {soft: 1, throttle: 2, hard: 3}, month: {hard: 40}}
              task: {run: {hard: 0.25}, day: {hard: 2}}
              session: {run: {hard: 5}}
              time_zone: Europe/Berlin
            """
        )
        #expect(budgets.company.isEmpty)
        #expect(budgets.channel == [.week: [.throttle: 5_000_000, .hard: 7_500_000]])
        #expect(
            budgets.person == [
                .day: [.soft: 1_000_000, .throttle: 2_000_000, .hard: 3_000_000], .month: [.hard: 40_000_000],
            ])
        #expect(budgets.task == [.run: [.hard: 250_000], .day: [.hard: 2_000_000]])
        #expect(budgets.session == [.run: [.hard: 5_000_000]] && budgets.timeZone == "Europe/Berlin")
    }

    @Test(arguments: [
        ("company: {run: {hard: 1}}", "no period of a company's"), ("session: {day: {hard: 1}}", "no period"),
        ("company: {day: {hard: -1}}", "no amount in dollars"), ("company: {day: {hard: ten}}", "no amount in dollars"),
        ("company: {day: {firm: 1}}", "not soft, throttle or hard"), ("company: {day: 5}", "no limits for 'day'"),
        ("company: 50", "is not a mapping"), ("person: {day: {soft: 5, hard: 1}}", "not in the order"),
        ("time_zone: Mars/Olympus", "time_zone"), ("persons: {}", "did you mean"),
    ])
    func whatMeansNothingIsRefusedInWords(line: String, words: String) {
        let error = #expect(throws: SettingsError.self) { try Self.settings("budgets:\n  \(line)\n") }
        #expect(
            "\(error.map(String.init(describing:)) ?? "")".contains(words),
            "\(error.map(String.init(describing:)) ?? "")")
    }
}
