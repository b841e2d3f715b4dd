import ArgumentParser
import Terminal

struct Feedback: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What people thought of answers, newest first.",
        discussion: "From the buttons under answers in Slack. The answer itself: `bulkhead chat --thread CONVERSATION`."
    )

    @OptionGroup var location: LocationOptions

    @Option(help: ArgumentHelp("Since then: 7d, 12h, 2026-11-22.", valueName: "time"))
    var since: String?

    @Flag(help: "Print JSON.")
    var json = false

    func run() async throws {
        let since = try PastTime.argument(since, "--since")
        try await location.run { await FeedbackReport.list(at: $0, since: since, json: json) }
    }
}
