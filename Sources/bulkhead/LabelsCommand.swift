import ArgumentParser
import Terminal

struct LabelsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "labels", abstract: "Which folders contain outside content, and clearing one; for admins.",
        subcommands: [List.self, Clear.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the folders that carry a label.")

        @OptionGroup var location: LocationOptions

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            try await location.run { await LabelsReport.list(at: $0, json: json) }
        }
    }

    struct Clear: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take a folder's label away, on record, once somebody has looked at what is in it.")

        @OptionGroup var location: LocationOptions

        @Argument(help: "The folder, as the list names it.")
        var volume: String

        @Option(help: ArgumentHelp("Why the label can go; stands in the audit.", valueName: "text"))
        var reason: String

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            try await location.run {
                await LabelsReport.clear(at: $0, volume: volume, reason: reason, json: json)
            }
        }
    }
}
