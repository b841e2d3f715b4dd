import ArgumentParser
import Foundation
import Terminal

struct CronCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cron", abstract: "What a cron expression means.", subcommands: [Next.self])

    struct Next: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print when an expression is due next; exit status 2 where something is wrong with it.",
            discussion: "Asks no daemon. Quote the expression: bulkhead cron next '0 9 * * 1-5'")

        @Argument(help: "Five fields (minute, hour, day of month, month, day of week), or @daily and the like.")
        var expression: String

        @Option(help: ArgumentHelp("The time zone, such as Europe/Berlin; without it the host's.", valueName: "zone"))
        var tz: String?

        @Option(
            help: ArgumentHelp(
                "Only what comes after this: 2026-11-30T09:00 in the zone, or with an offset; without it now.",
                valueName: "time"))
        var from: String?

        @Option(help: ArgumentHelp("How many, 1 to 1000.", valueName: "n"))
        var count = 5

        @Flag(help: "Print JSON: an array of RFC 3339 times.")
        var json = false

        func run() async throws {
            throw ExitCode(
                await CronReport.next(
                    expression, zone: tz, from: from, count: count,
                    environment: ProcessInfo.processInfo.environment, json: json))
        }
    }
}
