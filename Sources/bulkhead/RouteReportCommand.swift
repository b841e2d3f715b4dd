import ArgumentParser
import Terminal

struct RouteReportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Which tiers turns were given, what they cost, and what other thresholds would have cost.",
        discussion: "For admins. The other costs are the same tokens at other prices: an estimate.")

    @OptionGroup var location: LocationOptions

    @Option(help: ArgumentHelp("Since then: 7d, 12h, 2026-11-22. Without it: seven days.", valueName: "time"))
    var since: String?

    @Option(help: ArgumentHelp("Try these on the past: 0.3,0.9.", valueName: "balanced,best"))
    var thresholds: String?

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let since = try PastTime.argument(since, "--since")
        let candidate = try thresholds.map { text in
            let numbers = text.split(separator: ",").compactMap { Double($0) }
            guard numbers.count == 2 else { throw ValidationError("--thresholds takes two numbers: 0.3,0.9.") }
            return numbers
        }
        try await location.run {
            await RouteSpendReport.show(at: $0, since: since, candidate: candidate, json: json)
        }
    }
}
