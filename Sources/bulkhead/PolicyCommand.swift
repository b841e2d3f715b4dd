import ArgumentParser
import Model
import Terminal

struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy", abstract: "Check a policy file, or ask what it decides and why.",
        subcommands: [Check.self, Explain.self, Replay.self])

    struct Check: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Check a policy file; exit status 78 where something in it is wrong.")

        @Argument(help: "The file; without it the one the daemon goes by.")
        var file: String?

        @Option(help: ArgumentHelp("The daemon's configuration file.", valueName: "file"))
        var config: String?

        func run() async throws {
            throw ExitCode(await PolicyReport.check(file, config: config))
        }
    }

    struct Replay: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Run a candidate policy over the calls on record and list every decision that would change.")

        @OptionGroup var location: LocationOptions

        @Argument(help: "The candidate.")
        var file: String

        @Option(help: ArgumentHelp("Only calls since: 7d, 12h, 2026-11-22, or a full time in UTC.", valueName: "time"))
        var since: String?

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            let time = try PastTime.argument(since, "--since")
            try await location.run { await ReplayReport.run(at: $0, file: file, since: time, json: json) }
        }
    }

    struct Explain: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say what the policy decides about a call, by which rule, and who would be asked.")

        @Option(help: ArgumentHelp("The tool, for example bash.", valueName: "name"))
        var tool: String

        @Option(help: ArgumentHelp("Its arguments, a JSON object.", valueName: "json"))
        var args = "{}"

        @Option(help: ArgumentHelp("The person it is done for.", valueName: "name"))
        var user: String

        @Option(help: ArgumentHelp("That person's role; without it as the configuration says.", valueName: "role"))
        var role: String?

        @Option(help: ArgumentHelp("The channel's id; without it a direct conversation.", valueName: "id"))
        var channel = ""

        @Option(help: ArgumentHelp("standard, ask-before-commands, read-only, unattended.", valueName: "mode"))
        var mode = "standard"

        @Option(help: ArgumentHelp("untrusted, private, or both with a comma.", valueName: "labels"))
        var labels = ""

        @Option(help: ArgumentHelp("Take the tool for read, write, destructive or external.", valueName: "effect"))
        var effect: String?

        @Option(help: ArgumentHelp("Another policy file than the daemon's.", valueName: "file"))
        var policy: String?

        @Option(help: ArgumentHelp("The daemon's configuration file.", valueName: "file"))
        var config: String?

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            let call = ExplainedCall(
                tool: tool, arguments: args, user: user, role: try word(role, "--role"), channel: channel,
                mode: try readMode(), labels: try readLabels(), effect: try word(effect, "--effect"),
                time: WallClock.system.now())
            throw ExitCode(await PolicyReport.explain(call, file: policy, config: config, json: json))
        }

        private func word<Value: RawRepresentable<String> & CaseIterable>(
            _ text: String?, _ option: String
        ) throws -> Value? {
            guard let text else { return nil }
            guard let value = Value(rawValue: text) else {
                let allowed = Value.allCases.map(\.rawValue).joined(separator: ", ")
                throw ValidationError("\(option) takes one of \(allowed), not \(text).")
            }
            return value
        }

        /// As people see it or as policy files write it.
        private func readMode() throws -> Mode {
            guard let value = Mode(named: mode) else {
                let allowed = Mode.allCases.map { "\($0.title) (\($0.rawValue))" }.joined(separator: ", ")
                throw ValidationError("--mode takes one of \(allowed), not \(mode).")
            }
            return value
        }

        private func readLabels() throws -> Labels {
            var result: Labels = []
            for name in labels.split(separator: ",") {
                switch name {
                case "untrusted": result.insert(.untrusted)
                case "private": result.insert(.private)
                default: throw ValidationError("--labels takes untrusted and private, not \(name).")
                }
            }
            return result
        }
    }
}
