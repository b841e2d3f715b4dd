import ArgumentParser
import Terminal

struct Audit: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "What the assistant did: by whom asked, with what arguments, allowed by which rule.",
        subcommands: [List.self, Show.self, Follow.self, Export.self, Verify.self, Match.self, Erase.self, Prune.self],
        defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the newest rows, or those after a given one.")

        @OptionGroup var location: LocationOptions

        @OptionGroup var wanted: AuditOptions

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
            var filter = try wanted.filter
            filter.after = after
            filter.limit = limit
            try await location.run { await AuditReport.list(at: $0, filter, json: json) }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one row in full, with the other rows of the same call.")

        @OptionGroup var location: LocationOptions

        @Argument(help: "The row's number.")
        var seq: Int64

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            try await location.run { await AuditReport.show(at: $0, row: seq, json: json) }
        }
    }

    struct Follow: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Print rows as they are written, until interrupted.")

        @OptionGroup var location: LocationOptions
        @OptionGroup var wanted: AuditOptions

        @Flag(help: "Print JSON, a row a line.")
        var json = false

        func run() async throws {
            let filter = try wanted.filter
            try await location.run { await AuditReport.follow(at: $0, filter, json: json) }
        }
    }

    struct Export: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Write all rows that match as JSON, a row a line.")

        @OptionGroup var location: LocationOptions
        @OptionGroup var wanted: AuditOptions

        func run() async throws {
            let filter = try wanted.filter
            try await location.run { await AuditReport.export(at: $0, filter) }
        }
    }

    struct Match: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Whether a value from standard input stood in a row's arguments, also where it was not kept.",
            discussion: "Exit status 0: it did; 1: it did not. The attempt is on record.")

        @OptionGroup var location: LocationOptions

        @Argument(help: "The row's number.")
        var seq: Int64

        @Argument(help: "Where in the arguments, as a JSON Pointer: /password.")
        var pointer: String

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            try await location.run { await AuditReport.match(at: $0, row: seq, pointer: pointer, json: json) }
        }
    }

    struct Erase: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove the details of one row for good, where something stands in it that must not be kept.",
            discussion: "The row itself stays, and the chain whole; the owner's right, and on record with its reason.")

        @OptionGroup var location: LocationOptions

        @Argument(help: "The row's number.")
        var seq: Int64

        @Option(help: ArgumentHelp("Why; it stays on record.", valueName: "text"))
        var reason: String

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            try await location.run { await AuditReport.erase(at: $0, row: seq, reason: reason, json: json) }
        }
    }

    struct Prune: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Remove old rows for good. What is left can still be verified; the owner's right, and on record.")

        @OptionGroup var location: LocationOptions

        @Option(help: ArgumentHelp("Rows before: 400d, 2026-01-01, or a full time in UTC.", valueName: "time"))
        var before: String

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            guard let time = try PastTime.argument(before, "--before") else { return }
            try await location.run { await AuditReport.prune(at: $0, before: time, json: json) }
        }
    }

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check that no row was changed, removed or put back; exit status 1 where that cannot be proved.")

        @OptionGroup var location: LocationOptions

        @Option(
            help: ArgumentHelp(
                "Also hold it against the checkpoints in this file: a copy of the witness, or a log.", valueName: "file"
            ))
        var from: String?

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            try await location.run { await AuditReport.verify(at: $0, from: from, json: json) }
        }
    }
}

/// Which rows of the audit.
struct AuditOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Only this session.", valueName: "id"))
    var session: String?

    @Option(help: ArgumentHelp("Only what this person asked for.", valueName: "name"))
    var person: String?

    @Option(help: ArgumentHelp("Only this channel (name or id).", valueName: "name"))
    var channel: String?

    @Option(help: ArgumentHelp("Only this tool.", valueName: "name"))
    var tool: String?

    @Option(help: ArgumentHelp("Only this decision: allow, deny, ask, approved, refused, expired …", valueName: "word"))
    var decision: String?

    @Option(help: ArgumentHelp("Only this event: egress.connection, login …", valueName: "name"))
    var event: String?

    @Option(help: ArgumentHelp("Only since: 7d, 12h, 2026-11-22, or a full time in UTC.", valueName: "time"))
    var since: String?

    @Option(help: ArgumentHelp("Only before this time.", valueName: "time"))
    var until: String?

    var filter: AuditFilter {
        get throws {
            var filter = AuditFilter(session: session, person: person, tool: tool)
            filter.channel = channel
            filter.decision = decision
            filter.event = event
            filter.since = try PastTime.argument(since, "--since")
            filter.until = try PastTime.argument(until, "--until")
            return filter
        }
    }
}
