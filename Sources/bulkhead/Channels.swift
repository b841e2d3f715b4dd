import ArgumentParser
import Terminal

struct Channels: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "The channels you are in, and who else is.",
        subcommands: [List.self, Create.self, Members.self, Add.self, Remove.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the channels you are in.")

        @OptionGroup var location: LocationOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await location.run { await ChannelsReport.list(at: $0, json: output.json) }
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a channel, with you in it.")

        @OptionGroup var location: LocationOptions
        @OptionGroup var output: OutputOptions
        @Argument var name: String

        func run() async throws {
            try await location.run { await ChannelsReport.create(name, at: $0, json: output.json) }
        }
    }

    struct Members: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List who is in a channel.")

        @OptionGroup var location: LocationOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "Its name or id.") var channel: String

        func run() async throws {
            try await location.run { await ChannelsReport.members(of: channel, at: $0, json: output.json) }
        }
    }

    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Bring somebody into a channel you are in; they read what was said before too.")

        @OptionGroup var location: LocationOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "Its name or id.") var channel: String
        @Argument(help: "Who, by name.") var person: String

        func run() async throws {
            try await location.run { await ChannelsReport.add(person, to: channel, at: $0, json: output.json) }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Leave a channel, or take somebody out of one you made; admins out of any they are in.")

        @OptionGroup var location: LocationOptions
        @OptionGroup var output: OutputOptions
        @Argument(help: "Its name or id.") var channel: String
        @Argument(help: "Who, by name or id.") var person: String

        func run() async throws {
            try await location.run { await ChannelsReport.remove(person, from: channel, at: $0, json: output.json) }
        }
    }
}
