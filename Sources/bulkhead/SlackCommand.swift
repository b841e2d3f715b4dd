import ArgumentParser
import Terminal

struct SlackCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "slack", abstract: "Connect a Slack workspace, and look whether it is.",
        discussion:
            "The steps are in docs/slack.md. `channels` and `people` ask the running daemon, the others need none.",
        subcommands: [Manifest.self, Connect.self, Check.self, SlackChannels.self, SlackPeople.self])

    struct Manifest: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Print the app's manifest, to be pasted where Slack makes apps.",
            discussion: "It asks for what is used and for nothing else.")

        @Option(help: ArgumentHelp("The app's name, at most 35 characters.", valueName: "name"))
        var name = "Bulkhead"

        @Option(
            help: ArgumentHelp(
                "Where Slack sends events, for HTTP. Without it: Socket Mode, which needs no address.",
                valueName: "https-url"))
        var http: String?

        @Option(
            help: ArgumentHelp(
                "The daemon's configuration file: needed where it has slack.faces, which take a scope more.",
                valueName: "file"))
        var config: String?

        func run() async throws {
            throw ExitCode(await SlackReport.manifest(config: config, name: name, http: http))
        }
    }

    struct Connect: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take the app's tokens, try them, and keep them where the settings say.",
            discussion:
                "They are asked for without being shown, or come from standard input, one a line: the bot token (xoxb-…) and the "
                + "app token (xapp-…); with --http, in place of the latter, the app's signing secret. What Slack refuses is not kept."
        )

        @Option(help: ArgumentHelp("The daemon's configuration file.", valueName: "file"))
        var config: String?

        @Option(help: ArgumentHelp("Who gets a test message: a mail address, or a person's id.", valueName: "person"))
        var owner: String?

        @Flag(help: "For an app to which Slack sends requests, by HTTP.")
        var http = false

        func run() async throws {
            throw ExitCode(await SlackReport.connect(config: config, owner: owner, isHTTP: http))
        }
    }

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Look at the tokens and scopes, and say what is lost without those that are missing.",
            discussion:
                "With --live: posts, changes, streams, uploads and deletes in a channel the app is in. Exit status 1 where "
                + "something fails.")

        @Option(help: ArgumentHelp("The daemon's configuration file.", valueName: "file"))
        var config: String?

        @Option(help: ArgumentHelp("Try it in this channel, by its id. Nothing stays there.", valueName: "channel"))
        var live: String?

        @OptionGroup var output: OutputOptions

        func run() async throws {
            throw ExitCode(await SlackReport.check(config: config, live: live, json: output.json))
        }
    }
}
