import ArgumentParser
import Model
import Terminal

struct Approvals: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What waits for somebody's word, and giving it.",
        subcommands: [List.self, Show.self, Approve.self, Deny.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List open approvals you may see.")

        @OptionGroup var location: LocationOptions

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            try await location.run { await ApprovalsReport.list(at: $0, json: json) }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one in full, its arguments as they would run.")

        @OptionGroup var location: LocationOptions

        @Argument(help: "The approval's id.")
        var id: String

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            try await location.run { await ApprovalsReport.show(at: $0, id, json: json) }
        }
    }

    struct Approve: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Allow the call: this once, or for longer, which `bulkhead grants` lists and takes back.")

        @OptionGroup var location: LocationOptions

        @Argument(help: "The approval's id.")
        var id: String

        @Option(
            name: .customLong("for"),
            help: ArgumentHelp("How long it holds: conversation, or channel (always here).", valueName: "scope"))
        var scope: GrantScope?

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            try await location.run { await ApprovalsReport.answer(at: $0, id, allow: true, scope: scope, json: json) }
        }
    }

    struct Deny: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Deny the call; the assistant is told why.")

        @OptionGroup var location: LocationOptions

        @Argument(help: "The approval's id.")
        var id: String

        @Option(help: ArgumentHelp("Why; goes to the assistant.", valueName: "text"))
        var reason: String?

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            try await location.run {
                await ApprovalsReport.answer(at: $0, id, allow: false, reason: reason, json: json)
            }
        }
    }
}
