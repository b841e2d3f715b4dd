import ArgumentParser
import Terminal

struct SurfaceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "surface",
        abstract: "Everything there is to attack: sockets, routes, tools, what containers have, what root does.",
        subcommands: [Show.self, Diff.self], defaultSubcommand: Show.self)

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print it, from the running configuration.")

        @OptionGroup var location: LocationOptions

        @Flag(help: "Print JSON, the same for the same surface.")
        var json = false

        func run() async throws {
            try await location.run { await SurfaceReport.show(at: $0, json: json) }
        }
    }

    struct Diff: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what is another in two prints of it (--json); exit status 1 where anything is.")

        @Argument(help: "The earlier one.")
        var old: String

        @Argument(help: "The later one.")
        var new: String

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            throw ExitCode(await SurfaceReport.diff(old, new, json: json))
        }
    }
}
