import ArgumentParser
import Terminal

struct HooksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hooks", abstract: "The operator's programs that are asked about messages and tool calls.",
        subcommands: [List.self, Test.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Which hooks are asked when, in order.")

        @OptionGroup var location: LocationOptions

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            try await location.run { await HookReport.list(at: $0, json: json) }
        }
    }

    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run one hook on an event from standard input, and print what it says.",
            discussion: "Nothing comes of its answer. The run is on record.")

        @OptionGroup var location: LocationOptions

        @Argument(help: "The hook's name.")
        var name: String

        func run() async throws {
            try await location.run { await HookReport.test(at: $0, name) }
        }
    }
}
