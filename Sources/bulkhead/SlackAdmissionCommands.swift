import ArgumentParser
import Terminal

struct SlackChannels: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "channels", abstract: "Which of Slack's channels it works in, and an admin's word about one.",
        discussion: "What the setting `slack.joining` asks for. ID is Slack's: *View channel details*, at the bottom.",
        subcommands: [List.self, Allow.self, Refuse.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List them, those that wait first.")

        @OptionGroup var location: LocationOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await location.run { await SlackAdmissionReport.list(at: $0, kind: "channel", json: output.json) }
        }
    }

    struct Allow: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let it work there.")

        @OptionGroup var location: LocationOptions
        @OptionGroup var output: OutputOptions

        @Argument(help: "The channel's id.")
        var id: String

        func run() async throws {
            try await location.run {
                await SlackAdmissionReport.decide(at: $0, kind: "channel", id, allow: true, json: output.json)
            }
        }
    }

    struct Refuse: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Keep it out, also where it worked before. What runs there ends by itself.")

        @OptionGroup var location: LocationOptions
        @OptionGroup var output: OutputOptions

        @Argument(help: "The channel's id.")
        var id: String

        func run() async throws {
            try await location.run {
                await SlackAdmissionReport.decide(at: $0, kind: "channel", id, allow: false, json: output.json)
            }
        }
    }
}

struct SlackPeople: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "people", abstract: "Which members of the workspace may use it, and an admin's word about one.",
        discussion: "What the setting `slack.admission` asks for. ID is Slack's: in a profile, *Copy member ID*.",
        subcommands: [List.self, Allow.self, Refuse.self], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List them, those that wait first.")

        @OptionGroup var location: LocationOptions
        @OptionGroup var output: OutputOptions

        func run() async throws {
            try await location.run { await SlackAdmissionReport.list(at: $0, kind: "person", json: output.json) }
        }
    }

    struct Allow: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Let a member in.")

        @OptionGroup var location: LocationOptions
        @OptionGroup var output: OutputOptions

        @Argument(help: "The member's id.")
        var id: String

        func run() async throws {
            try await location.run {
                await SlackAdmissionReport.decide(at: $0, kind: "person", id, allow: true, json: output.json)
            }
        }
    }

    struct Refuse: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Keep a member out, also one who was in; what runs for them ends.")

        @OptionGroup var location: LocationOptions
        @OptionGroup var output: OutputOptions

        @Argument(help: "The member's id.")
        var id: String

        func run() async throws {
            try await location.run {
                await SlackAdmissionReport.decide(at: $0, kind: "person", id, allow: false, json: output.json)
            }
        }
    }
}
