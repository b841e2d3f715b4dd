import ArgumentParser
import Terminal

struct Audit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What the assistant did: by whom asked, with what arguments, allowed by which rule.",
        subcommands: [List.self, Verify.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the newest rows, or those after a given one.")

        @OptionGroup var location: LocationOptions

        @Option(help: ArgumentHelp("Only this session.", valueName: "id"))
        var session: String?

        @Option(help: ArgumentHelp("Only what this person asked for.", valueName: "name"))
        var person: String?

        @Option(help: ArgumentHelp("Only this tool.", valueName: "name"))
        var tool: String?

        @Option(help: ArgumentHelp("The rows after this one, oldest first.", valueName: "seq"))
        var after: Int64?

        @Option(help: ArgumentHelp("How many rows, 1 to 500.", valueName: "n"))
        var limit = 100

        @Flag(help: "Print JSON.")
        var json = false

        func validate() throws {
            guard (1...500).contains(limit) else { throw ValidationError("--limit takes a number from 1 to 500.") }
        }

        func run() async throws {
            let filter = AuditFilter(after: after, limit: limit, session: session, person: person, tool: tool)
            try await location.run { await AuditReport.list(at: $0, filter, json: json) }
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check that no row was changed, removed or put back; exit status 1 where that cannot be proved.")

        @OptionGroup var location: LocationOptions

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            try await location.run { await AuditReport.verify(at: $0, json: json) }
        }
    }
}
