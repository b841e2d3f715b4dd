import ArgumentParser
import Terminal

struct Grants: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What was allowed beyond one call, and taking it back.",
        discussion:
            "A grant is given with the answer to an approval: bulkhead approvals approve ID --for conversation.",
        subcommands: [List.self, Show.self, Revoke.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List grants that work for you or that you gave; an admin sees all.")

        @OptionGroup var location: LocationOptions

        @Flag(help: "Those that ended, too.")
        var all = false

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            try await location.run { await GrantsReport.list(at: $0, all: all, json: json) }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one in full.")

        @OptionGroup var location: LocationOptions

        @Argument(help: "The grant's id.")
        var id: String

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            try await location.run { await GrantsReport.show(at: $0, id, json: json) }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take one back: from now on it is asked again.")

        @OptionGroup var location: LocationOptions

        @Argument(help: "The grant's id.")
        var id: String

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            try await location.run { await GrantsReport.revoke(at: $0, id, json: json) }
        }
    }
}
