import ArgumentParser
import Terminal

struct RouteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "route",
        abstract: "Which tier a prompt from standard input would start with, and its score of 0 to 1.",
        discussion: "Needs no daemon and asks no model.", subcommands: [RouteReportCommand.self])

    @Flag(help: "Say what moved the score.")
    var explain = false

    @Flag(
        help: "Read {\"id\", \"prompt\"} a line, print {\"id\", \"tier\", \"score\"} a line; status 2 after a bad line."
    )
    var jsonl = false

    func run() async throws {
        throw ExitCode(jsonl ? await RouteReport.lines(explain: explain) : await RouteReport.one(explain: explain))
    }
}
