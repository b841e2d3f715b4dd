package import Model

/// What the tools that come with Bulkhead can do. Declared here, not asked of whoever runs them: what a workspace says of
/// its own tools is a claim of code that runs there.
package struct BuiltInTool: Hashable, Sendable {
    package let effect: Effect
    package let runsCommands: Bool
    /// As `RegisteredTool.secretArguments`.
    package var secretArguments: Set<String> = []

    package static let all: [String: BuiltInTool] = [
        "bash": BuiltInTool(effect: .write, runsCommands: true),
        "read_file": BuiltInTool(effect: .read, runsCommands: false),
        "glob": BuiltInTool(effect: .read, runsCommands: false),
        "grep": BuiltInTool(effect: .read, runsCommands: false),
        "write_file": BuiltInTool(effect: .write, runsCommands: false),
        "edit_file": BuiltInTool(effect: .write, runsCommands: false),
        "reply": BuiltInTool(effect: .write, runsCommands: false),
        "publish_file": BuiltInTool(effect: .write, runsCommands: false),
        "http_request": BuiltInTool(effect: .external, runsCommands: false),
        "open_personal_folder": BuiltInTool(effect: .read, runsCommands: false),
        "secret_put": BuiltInTool(effect: .write, runsCommands: false, secretArguments: ["value"]),
        "secret_list": BuiltInTool(effect: .read, runsCommands: false),
        "secret_get": BuiltInTool(effect: .read, runsCommands: false),
        "check_schedule": BuiltInTool(effect: .read, runsCommands: false),
        "list_tasks": BuiltInTool(effect: .read, runsCommands: false),
        "task_history": BuiltInTool(effect: .read, runsCommands: false),
        // The requester's own things; who is asked about more than that, the tools demand themselves.
        "schedule_task": BuiltInTool(effect: .write, runsCommands: false),
        "update_task": BuiltInTool(effect: .write, runsCommands: false),
        "resume_task": BuiltInTool(effect: .write, runsCommands: false),
        "run_task_now": BuiltInTool(effect: .write, runsCommands: false),
        "pause_task": BuiltInTool(effect: .write, runsCommands: false),
        "cancel_task": BuiltInTool(effect: .write, runsCommands: false),
    ]

    /// What is not known is taken for what has to be asked about.
    package static func named(_ name: String) -> BuiltInTool {
        all[name] ?? BuiltInTool(effect: .external, runsCommands: true)
    }

    /// What of a call's arguments is for the tool alone, by its registration. Without one at hand (there is none of that
    /// name here, or only the call's record is left) by what is declared above.
    package static func secretArguments(of name: String, _ tool: RegisteredTool? = nil) -> Set<String> {
        (tool?.secretArguments ?? []).union(named(name).secretArguments)
    }
}
