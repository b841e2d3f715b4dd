import ArgumentParser
import Terminal

/// What a pause is for.
struct PauseOptions: ParsableArguments {
    @Flag(help: "Everything.")
    var all = false

    @Option(help: ArgumentHelp("What is done for this person.", valueName: "name"))
    var person: String?

    @Option(help: ArgumentHelp("What is done in this channel (name or id).", valueName: "name"))
    var channel: String?

    @Option(help: ArgumentHelp("This tool.", valueName: "name"))
    var tool: String?

    var given: [(scope: String, name: String?)] {
        var given: [(String, String?)] = all ? [("all", nil)] : []
        for (scope, name) in [("person", person), ("channel", channel), ("tool", tool)] where name != nil {
            given.append((scope, name))
        }
        return given
    }
}

struct PauseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Stop the assistant at once, as a whole or in part; without an option, list what is paused.",
        discussion: "What runs is stopped, what people write is kept and answered after `bulkhead resume`. A restart "
            + "resumes nothing.")

    @OptionGroup var location: LocationOptions
    @OptionGroup var options: PauseOptions

    @Option(help: ArgumentHelp("Why; people see it.", valueName: "text"))
    var reason = ""

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard options.given.count <= 1 else { throw ValidationError("Pause one thing at a time.") }
        guard !options.given.isEmpty || reason.isEmpty else {
            throw ValidationError("Say what to pause: --all, --person, --channel or --tool.")
        }
    }

    func run() async throws {
        guard let (scope, name) = options.given.first else {
            return try await location.run { await PauseReport.list(at: $0, json: json) }
        }
        try await location.run {
            await PauseReport.pause(at: $0, scope: scope, name: name, reason: reason, json: json)
        }
    }
}

struct ResumeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume", abstract: "Let go on what `bulkhead pause` stopped.")

    @OptionGroup var location: LocationOptions
    @OptionGroup var options: PauseOptions

    @Flag(help: "Print JSON.")
    var json = false

    func validate() throws {
        guard options.given.count == 1 else {
            throw ValidationError("Say what to resume: --all, --person, --channel or --tool, one of them.")
        }
    }

    func run() async throws {
        guard let (scope, name) = options.given.first else { return }
        try await location.run { await PauseReport.resume(at: $0, scope: scope, name: name, json: json) }
    }
}
