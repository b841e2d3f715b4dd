import ArgumentParser
import Terminal

struct EgressCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "egress",
        abstract: "Which hosts of the network sandboxes may reach, and what they reached; for admins.",
        discussion: "Nothing is reached that is not granted here, in the policy file or with an answer to a request.",
        subcommands: [List.self, Allow.self, Deny.self, Log.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List what is granted, and what the policy file says.")

        @OptionGroup var location: LocationOptions

        @Flag(help: "Grants that ended, too.")
        var all = false

        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await location.run { await EgressReport.list(at: $0, all: all, json: output.json) }
        }
    }

    struct Allow: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Grant a host: from now on, to running sandboxes too.",
            discussion:
                "example.com is that host alone, *.example.com every host below it. Methods and paths can be held to "
                + "for plain HTTP alone: an entry with either opens no encrypted connections.")

        @OptionGroup var location: LocationOptions

        @Argument(help: "The host.")
        var domain: String

        @Option(help: ArgumentHelp("This port; again for more. Default: 80 and 443.", valueName: "number"))
        var port: [Int] = []

        @Option(help: ArgumentHelp("This method of plain HTTP; again for more.", valueName: "name"))
        var method: [String] = []

        @Option(help: ArgumentHelp("Paths below this one, of plain HTTP; again for more.", valueName: "path"))
        var path: [String] = []

        @Flag(help: "TLS may hide or leave out the host's name, and other protocols than TLS pass.")
        var withoutSni = false

        @Flag(help: "For everybody but guests.")
        var company = false

        @Option(help: ArgumentHelp("For this channel (name or id).", valueName: "name"))
        var channel: String?

        @Option(help: ArgumentHelp("For this person.", valueName: "name"))
        var person: String?

        @Option(help: ArgumentHelp("Until then: 7d, 12h, 2026-11-22, or a full time in UTC.", valueName: "time"))
        var expires: String?

        @Option(help: ArgumentHelp("What for; stands in the audit.", valueName: "text"))
        var reason = ""

        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (company ? 1 : 0) + (channel == nil ? 0 : 1) + (person == nil ? 0 : 1) == 1 else {
                throw ValidationError("Say for whom: --company, --channel or --person, one of them.")
            }
            guard port.allSatisfy({ (1...65535).contains($0) }) else {
                throw ValidationError("--port takes a number from 1 to 65535.")
            }
        }

        func run() async throws {
            let wish = EgressGrantWish(
                domain: domain, ports: port, methods: method, paths: path, withoutSNI: withoutSni,
                scope: company ? "company" : channel != nil ? "channel" : "person", name: channel ?? person,
                expires: try FutureTime.argument(expires, "--expires"), reason: reason)
            try await location.run { await EgressReport.allow(at: $0, wish, json: output.json) }
        }
    }

    struct Deny: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take grants back: what is open through them is closed at once.")

        @OptionGroup var location: LocationOptions

        @Argument(help: "A grant's id, or the host as it was granted: all grants of that host.")
        var what: String

        @Option(help: ArgumentHelp("Why; stands in the audit.", valueName: "text"))
        var reason = ""

        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await location.run { await EgressReport.deny(at: $0, what, reason: reason, json: output.json) }
        }
    }

    struct Log: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List connections, allowed and refused, the newest first.")

        @OptionGroup var location: LocationOptions

        @Option(help: ArgumentHelp("Only to this host.", valueName: "host"))
        var host: String?

        @Option(help: ArgumentHelp("Only of this session.", valueName: "id"))
        var session: String?

        @Option(help: ArgumentHelp("Only what this person asked for.", valueName: "name"))
        var person: String?

        @Option(help: ArgumentHelp("Only in this channel (name or id).", valueName: "name"))
        var channel: String?

        @Option(help: ArgumentHelp("Only allow or deny.", valueName: "word"))
        var decision: String?

        @Option(help: ArgumentHelp("Only since: 7d, 12h, 2026-11-22, or a full time in UTC.", valueName: "time"))
        var since: String?

        @Option(help: ArgumentHelp("Only before this time.", valueName: "time"))
        var until: String?

        @Option(help: ArgumentHelp("How many rows, 1 to 500.", valueName: "n"))
        var limit = 50

        @OptionGroup var output: OutputOptions

        func validate() throws {
            guard (1...500).contains(limit) else { throw ValidationError("--limit takes a number from 1 to 500.") }
            guard decision == nil || decision == "allow" || decision == "deny" else {
                throw ValidationError("--decision takes allow or deny.")
            }
        }

        func run() async throws {
            var filter = AuditFilter(limit: limit, session: session, person: person)
            filter.channel = channel
            filter.decision = decision
            filter.since = try PastTime.argument(since, "--since")
            filter.until = try PastTime.argument(until, "--until")
            try await location.run { [filter] in await EgressReport.log(at: $0, filter, host: host, json: output.json) }
        }
    }
}
