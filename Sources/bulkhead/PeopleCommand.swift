import ArgumentParser
import Model
import Terminal

struct PeopleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "people", abstract: "Who comes in, by which accounts, and who answers for whom.",
        subcommands: [
            List.self, Show.self, Link.self, Unlink.self, Deactivate.self, Activate.self, Deputy.self,
        ], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List everybody; without being an admin, yourself.")

        @OptionGroup var location: LocationOptions

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            try await location.run { await PeopleReport.list(at: $0, json: json) }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one person: role, accounts, deputy.")

        @OptionGroup var location: LocationOptions

        @Argument(help: "Name or id.")
        var name: String

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            try await location.run { await PeopleReport.show(at: $0, name, json: json) }
        }
    }

    struct Link: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make another account of yours you.",
            discussion:
                "Without a code: print one, good for ten minutes and once. With it, from the other account: that "
                + "account is the same person from then on, with that person's role.")

        @OptionGroup var location: LocationOptions

        @Argument(help: "The code, at the other account.")
        var code: String?

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            try await location.run { await PeopleReport.link(at: $0, code: code, json: json) }
        }
    }

    struct Unlink: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take a linked account away from its person.")

        @OptionGroup var location: LocationOptions

        @Argument(help: "The account: an operating-system user, or surface:account.")
        var account: String

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            try await location.run { await PeopleReport.unlink(at: $0, account, json: json) }
        }
    }

    struct Deactivate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Keep somebody out at once, whatever the settings say, until activated.")

        @OptionGroup var location: LocationOptions

        @Argument(help: "Name or id.")
        var name: String

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            try await location.run { await PeopleReport.setActive(at: $0, false, name, json: json) }
        }
    }

    struct Activate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let the settings decide about somebody again.")

        @OptionGroup var location: LocationOptions

        @Argument(help: "Name or id.")
        var name: String

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            try await location.run { await PeopleReport.setActive(at: $0, true, name, json: json) }
        }
    }

    struct Deputy: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say who answers approvals in somebody's place: yours, or as an admin another's.")

        @OptionGroup var location: LocationOptions

        @Argument(help: "In whose place.")
        var name: String

        @Option(name: .customLong("is"), help: ArgumentHelp("Who answers.", valueName: "name"))
        var deputy: String?

        @Flag(help: "Nobody answers in their place any more.")
        var none = false

        @Option(
            help: ArgumentHelp("Until when: 7d, 12h from now, 2026-11-22, or a full time in UTC.", valueName: "time"))
        var until: String?

        @Flag(help: "Print JSON.")
        var json = false

        func validate() throws {
            guard (deputy == nil) == none else { throw ValidationError("Say --is NAME, or --none.") }
            guard until == nil || deputy != nil else { throw ValidationError("--until belongs to --is.") }
        }

        func run() async throws {
            let time = try FutureTime.argument(until, "--until")
            try await location.run {
                await PeopleReport.setDeputy(at: $0, deputy, of: name, until: time, json: json)
            }
        }
    }
}
