internal import Harness
internal import Logging
internal import MCP
internal import Model
internal import Store
internal import ToolServers

/// Notes what write tools replace, right before they do. What cannot be noted runs all the same: it is then not undoable,
/// and `undo` says so.
struct UndoJournal: Sendable {
    let database: Database
    let limits: Reloadable<ConversationLimits>
    let logger: Logger

    static func covers(_ tool: String) -> Bool { tool == "write_file" || tool == "edit_file" }

    /// False where there is no record.
    func note(
        _ tool: String, _ arguments: JSONObject, _ context: ToolContext, in workspace: SandboxServer
    ) async -> Bool {
        do {
            let (seen, after) = try await workspace.look(for: tool, arguments)
            guard let file = seen.files.first, let after else { return false }
            try await record(file, after: after, of: tool, context, in: workspace)
            return true
        } catch is ChatError {
            // The tool will say itself why it cannot.
            return false
        } catch is CancellationError {
            return false
        } catch {
            logger.error("what a call replaces is not kept", metadata: ["tool": "\(tool)", "error": "\(error)"])
            return false
        }
    }

    /// `after` nil: the call removes the file. Reads what stands there.
    func record(
        _ file: Evidence.File, after: String?, of tool: String, _ context: ToolContext, in workspace: SandboxServer,
        undoes: CallID? = nil
    ) async throws {
        let place = UndoPlace(path: file.path, context)
        var draft = UndoDraft(
            call: context.call, conversation: context.conversation, requester: context.requester,
            session: context.session, tool: tool, path: file.path, volume: place.text, content: nil, after: after,
            undoes: undoes)
        let limits = limits.current.undo
        if place == .unknown {
            draft.obstacle = "its path goes over \"..\", so where it leads may be another place by now"
        } else if file.bytes > limits.fileBytes {
            draft.obstacle =
                "the file had \(file.bytes) bytes before, and what is larger than \(limits.fileBytes >> 20) MiB is not kept"
        } else if file.digest != nil {
            draft.content = try await workspace.get(file.path)
        }
        try await database.recordUndo(draft, limits: limits)
    }

    func drop(_ call: CallID) async {
        do { try await database.dropUndo(call) } catch {
            logger.warning("a record for undo is left", metadata: ["call": "\(call)", "error": "\(error)"])
        }
    }
}

/// The volume a path of the workspace lies in, by its words.
enum UndoPlace: Hashable {
    case volume(Volume)
    case unknown

    init(path: String, _ context: ToolContext) {
        let names = path.split(separator: "/").map(String.init)
        guard !names.contains(".."), let home = names.firstIndex(where: { Self.homes.contains($0) }) else {
            self = .unknown
            return
        }
        self =
            switch names[home] {
            case "thread": .volume(.thread(context.conversation))
            case "user": .volume(.user(context.requester))
            case "session": .volume(.session(context.session))
            default: .volume(.shared(context.channel))
            }
    }

    private static let homes: Set<String> = ["thread", "user", "session", "group"]

    var text: String {
        if case .volume(let volume) = self { volume.description } else { "" }
    }
}
