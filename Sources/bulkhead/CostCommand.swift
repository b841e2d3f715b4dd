import ArgumentParser
import Terminal

struct CostCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cost",
        abstract:
            "What models cost, from the ledger of every call; what is left of the budgets; what the month will cost.",
        discussion:
            "People see what was spent for them, admins everything. A cost with ~ holds calls whose bill never came."
    )

    enum Grouping: String, CaseIterable, ExpressibleByArgument {
        case person, channel, conversation, session, tier, model, provider, day, task, skill, subagent
    }

    @OptionGroup var location: LocationOptions

    @Option(help: "By what costs are put together.")
    var by = Grouping.person

    @Option(help: ArgumentHelp("Since then: 7d, 12h, 2026-11-22. Without it: this month.", valueName: "time"))
    var since: String?

    @Flag(help: "Print CSV.")
    var csv = false

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard !(csv && json) else { throw ValidationError("--csv or --json, not both.") }
    }

    func run() async throws {
        let since = try PastTime.argument(since, "--since")
        try await location.run {
            await CostReport.show(
                at: $0, by: by.rawValue, since: since, format: json ? .json : csv ? .csv : .table)
        }
    }
}
