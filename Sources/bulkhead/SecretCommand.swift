import ArgumentParser
import Terminal

struct SecretCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "secret", abstract: "Secrets agents may use without seeing them.",
        discussion:
            "Yours, unless --company or --of-channel says otherwise; those are an admin's to change. Values are read from "
            + "standard input or asked for, and never shown again.",
        subcommands: [Set.self, List.self, Rm.self, Grant.self, Revoke.self], defaultSubcommand: List.self)

    struct Whose: ParsableArguments {
        @Flag(help: "The company's.")
        var company = false

        @Option(name: .customLong("of-channel"), help: ArgumentHelp("That channel's.", valueName: "channel"))
        var channel: String?

        func validate() throws {
            guard !company || channel == nil else { throw ValidationError("Say --company or --of-channel, not both.") }
        }

        var scope: SecretsReport.Scope { channel.map { .channel($0) } ?? (company ? .company : .own) }
    }

    struct To: ParsableArguments {
        @Option(help: ArgumentHelp("Whom, by name.", valueName: "name"))
        var person: String?

        @Option(help: ArgumentHelp("Everybody in that channel.", valueName: "channel"))
        var channel: String?

        func validate() throws {
            guard (person == nil) != (channel == nil) else {
                throw ValidationError("Say --person NAME or --channel CHANNEL.")
            }
        }
    }

    struct Set: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Store one, or its next value with all it is bound to.",
            discussion:
                "The value comes from standard input, or is asked for without being shown: "
                + "bulkhead secret set deploy --host \"api.example.com POST /v1/\" < token")

        @OptionGroup var location: LocationOptions
        @OptionGroup var whose: Whose

        @Argument(help: "Its name.")
        var name: String

        @Option(
            help: ArgumentHelp(
                "Where it may go: example.com, *.example.com:8443, \"api.example.com GET,POST /v1/\". May be repeated.",
                valueName: "entry"))
        var host: [String] = []

        @Option(
            name: .customLong("in"),
            help: ArgumentHelp(
                "Where in a request: header:NAME, query:NAME or body. May be repeated; without it the header authorization.",
                valueName: "place"))
        var places: [String] = []

        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await location.run {
                await SecretsReport.set(at: $0, name, whose.scope, hosts: host, places: places, json: output.json)
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List those you may use or change; no values.")

        @OptionGroup var location: LocationOptions

        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await location.run { await SecretsReport.list(at: $0, json: output.json) }
        }
    }

    struct Rm: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Remove one, and every grant of it.")

        @OptionGroup var location: LocationOptions
        @OptionGroup var whose: Whose

        @Argument(help: "Its name.")
        var name: String

        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await location.run { await SecretsReport.remove(at: $0, name, whose.scope, json: output.json) }
        }
    }

    struct Grant: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let somebody use one, without an admin's word each time.")

        @OptionGroup var location: LocationOptions
        @OptionGroup var whose: Whose
        @OptionGroup var to: To

        @Argument(help: "Its name.")
        var name: String

        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await location.run {
                await SecretsReport.grant(
                    at: $0, true, name, whose.scope, person: to.person, channel: to.channel, json: output.json)
            }
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take a grant back.")

        @OptionGroup var location: LocationOptions
        @OptionGroup var whose: Whose
        @OptionGroup var to: To

        @Argument(help: "Its name.")
        var name: String

        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await location.run {
                await SecretsReport.grant(
                    at: $0, false, name, whose.scope, person: to.person, channel: to.channel, json: output.json)
            }
        }
    }
}
