internal import Conversations
internal import Model

/// What a turn does, in words everybody in a channel may read: never an argument, a path or a name from it.
enum ActivityWords {
    static let start = "Starting"
    static let writing = "Writing"
    private static let working = "Working"

    static func words(for tool: ToolActivity) -> String? {
        switch tool.state {
        case .running: words(forTool: tool.tool)
        case .waiting: "Waiting for an approval"
        case .done, .failed, .denied, .cancelled: "Thinking"
        }
    }

    /// Of what the conversation says of itself, only sentences that are known: others may name a file.
    static func words(forState text: String) -> String {
        states.contains(text) ? text : text.hasPrefix("Placing ") ? "Placing files" : working
    }

    private static let states: Set<String> = [
        start, "Thinking", "Starting a sandbox", "Waiting for an approval", "Waiting for the turn before this one",
        "Working on something private",
    ]

    private static func words(forTool name: String) -> String {
        switch name {
        case "bash": "Running a command"
        case "read_file", "document_text": "Reading files"
        case "write_file", "edit_file": "Writing files"
        case "glob", "grep": "Searching files"
        case "http_request": "Calling a web service"
        case "egress_request": "Asking for network access"
        case "publish_file": "Preparing a file"
        case "open_personal_folder": "Opening a folder"
        default: "Using a tool"
        }
    }

    /// "24 s", "3 min", "2 h".
    static func words(for elapsed: Duration) -> String {
        let seconds = max(0, elapsed.components.seconds)
        if seconds < 120 { return "\(seconds) s" }
        return seconds < 7200 ? "\(seconds / 60) min" : "\(seconds / 3600) h"
    }
}
