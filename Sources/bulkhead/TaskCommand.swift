import ArgumentParser
import MCP
import Terminal

struct TaskCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "task", abstract: "Work that begins by itself: at times, or when something happens.",
        discussion: "The assistant makes tasks too, when it is asked to in a conversation.",
        subcommands: [
            List.self, Show.self, Create.self, Update.self, History.self, Run.self, Pause.self, Resume.self,
            Cancel.self,
            Approve.self, Revoke.self, Webhook.self,
        ], defaultSubcommand: List.self)

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List one's own tasks; an admin may list everybody's.")

        @OptionGroup var location: LocationOptions

        @Flag(help: "Everybody's; for admins.")
        var all = false

        @Flag(help: "Those that are over, too.")
        var ended = false

        @Flag(help: "Print JSON.")
        var json = false

        func run() async throws {
            try await location.run { await TasksReport.list(at: $0, all: all, ended: ended, json: json) }
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one in full, with its next times and its runs.")

        @OptionGroup var location: LocationOptions
        @OptionGroup var task: TaskName

        func run() async throws {
            try await location.run { await TasksReport.show(at: $0, task.name, json: task.json) }
        }
    }

    struct History: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The runs of a task, newest first: why each began, how it ended, what it cost.")

        @OptionGroup var location: LocationOptions
        @OptionGroup var task: TaskName

        func run() async throws {
            try await location.run { await TasksReport.history(at: $0, task.name, json: task.json) }
        }
    }

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a task.")

        @OptionGroup var location: LocationOptions
        @OptionGroup var fields: TaskFieldOptions

        @Option(help: ArgumentHelp("What people call it.", valueName: "text"))
        var name: String

        @Flag(help: "Make nothing: show when it would run.")
        var dryRun = false

        @Flag(help: "Run it once at once, too.")
        var firstRunNow = false

        @Flag(help: "Print JSON.")
        var json = false

        func validate() throws {
            guard fields.prompt != nil else { throw ValidationError("Say what it is to do: --prompt TEXT.") }
            guard fields.schedule != nil else {
                throw ValidationError("Say when it runs: --cron, --every, --at or --on.")
            }
        }

        func run() async throws {
            var object = try fields.object
            object["name"] = .string(name)
            if firstRunNow, !dryRun { object["first_run_now"] = true }
            try await location.run { [object] in
                await TasksReport.create(at: $0, object, isPreview: dryRun, json: json)
            }
        }
    }

    struct Update: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change a task; what is not given stays. What it was allowed holds for what it was.")

        @OptionGroup var location: LocationOptions
        @OptionGroup var task: TaskName
        @OptionGroup var fields: TaskFieldOptions

        @Option(help: ArgumentHelp("Another name.", valueName: "text"))
        var rename: String?

        func run() async throws {
            var object = try fields.object
            object["name"] = rename.map { .string($0) }
            guard !object.isEmpty else { throw ValidationError("Say what to change.") }
            try await location.run { [object] in
                await TasksReport.update(at: $0, task.name, object, json: task.json)
            }
        }
    }

    struct Run: TaskAct {
        static let action = "run"
        static let configuration = CommandConfiguration(abstract: "Run a task once, now, whatever its schedule says.")

        @OptionGroup var location: LocationOptions
        @OptionGroup var task: TaskName
    }

    struct Pause: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Stop a task until it is resumed.")

        @OptionGroup var location: LocationOptions
        @OptionGroup var task: TaskName

        @Option(help: ArgumentHelp("Why.", valueName: "text"))
        var reason = ""

        func run() async throws {
            try await location.run {
                await TasksReport.act(at: $0, "pause", task.name, reason: reason, json: task.json)
            }
        }
    }

    struct Resume: TaskAct {
        static let action = "resume"
        static let configuration = CommandConfiguration(abstract: "Let a paused task run again, from now on.")

        @OptionGroup var location: LocationOptions
        @OptionGroup var task: TaskName
    }

    struct Cancel: TaskAct {
        static let action = "cancel"
        static let configuration = CommandConfiguration(abstract: "End a task for good; its history stays.")

        @OptionGroup var location: LocationOptions
        @OptionGroup var task: TaskName
    }

    struct Approve: TaskAct {
        static let action = "approve"
        static let configuration = CommandConfiguration(
            abstract:
                "Let a task do without asking what its last run did after asking: the same tools, to the same places.",
            discussion: "Holds for the task as it is now; another prompt, check, mode or channel asks again.")

        @OptionGroup var location: LocationOptions
        @OptionGroup var task: TaskName
    }

    struct Revoke: TaskAct {
        static let action = "revoke"
        static let configuration = CommandConfiguration(abstract: "Take back what a task was allowed.")

        @OptionGroup var location: LocationOptions
        @OptionGroup var task: TaskName
    }

    struct Webhook: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show how to call a task that a webhook starts, with its key.")

        @OptionGroup var location: LocationOptions
        @OptionGroup var task: TaskName

        @Flag(help: "Make another key; the old one is worthless from then on.")
        var renew = false

        func run() async throws {
            try await location.run { await TasksReport.webhook(at: $0, task.name, renew: renew, json: task.json) }
        }
    }
}

/// A command that does one thing with one task.
protocol TaskAct: AsyncParsableCommand {
    static var action: String { get }
    var location: LocationOptions { get }
    var task: TaskName { get }
}

extension TaskAct {
    func run() async throws {
        try await location.run { await TasksReport.act(at: $0, Self.action, task.name, json: task.json) }
    }
}

struct TaskName: ParsableArguments {
    @Argument(help: "The task's id, or the name of one of one's own.")
    var name: String

    @Flag(help: "Print JSON.")
    var json = false
}
