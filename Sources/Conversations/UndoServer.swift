internal import Harness
internal import MCP
internal import Model
internal import Policy
internal import Store
internal import ToolServers

/// The inverse of one call, as a tool. It has the undone tool's name and effect, so that every rule, mode and pause that
/// holds for the one holds for the other; it stands in a registry of its own, so that no agent can call it.
struct UndoServer: ToolServer {
    let record: UndoRecord
    let tool: RegisteredTool
    let workspace: SandboxServer
    let journal: UndoJournal
    let isForced: Bool

    init?(
        _ record: UndoRecord, undoing registry: ToolRegistry, in workspace: SandboxServer, _ journal: UndoJournal,
        force: Bool
    ) {
        guard let undone = registry.tools.first(where: { $0.tool.name == record.tool }) else { return nil }
        self.record = record
        self.workspace = workspace
        self.journal = journal
        isForced = force
        tool = RegisteredTool(
            tool: Tool(
                name: record.tool, description: "Puts back what a call replaced.",
                inputSchema: [
                    "type": "object", "required": ["path", "undoes"], "additionalProperties": false,
                    "properties": [
                        "path": ["type": "string"], "undoes": ["type": "string"], "force": ["type": "boolean"],
                    ],
                ]),
            effect: undone.effect, server: "undo", runsCommands: undone.runsCommands)
    }

    var tools: [RegisteredTool] { [tool] }

    var arguments: JSONObject {
        var arguments: JSONObject = ["path": .string(record.path), "undoes": .string(record.call.rawValue)]
        if isForced { arguments["force"] = true }
        return arguments
    }

    func call(_ name: String, arguments: JSONObject, context: ToolContext) async throws -> CallToolResult {
        // Of an undo nothing can be narrowed: what a hook made of it is another undo.
        guard arguments == self.arguments else {
            return .failure("A hook changed what was to be undone, so nothing was.")
        }
        do {
            return try await putBack(context)
        } catch let error as ChatError {
            return .failure(error.message)
        } catch let error as StoreError {
            return .failure(
                error.code == .notFound ? "What stood in \(record.path) before is not kept any more." : error.message)
        }
    }

    private func putBack(_ context: ToolContext) async throws -> CallToolResult {
        let seen = try await workspace.look(for: "undo", ["path": .string(record.path)]).evidence
        guard let now = seen.files.first else {
            return .failure("\(record.path) is too large by now: it was changed since, and is left as it is.")
        }
        if now.digest == record.before {
            try await journal.database.markUndone(record.call, by: context.call)
            return .text("\(record.path) is as it was before already.")
        }
        guard isForced || now.digest == record.after else {
            let state = now.digest.map { "it now has \(now.bytes) bytes, sha256 \($0)" } ?? "it is not there any more"
            return .failure(
                "\(record.path) was changed since: \(state). Undoing would take that away too; to do so all the same, "
                    + "force it (`bulkhead undo \(record.call) --force`).")
        }
        let content = try await journal.database.undoContent(record, limits: journal.limits.current.undo)
        // First, so that there is no moment at which this could not be taken back.
        try await journal.record(
            now, after: record.before, of: record.tool, context, in: workspace, undoes: record.call)
        let result = try await workspace.restore(content, at: record.path, over: seen)
        guard !result.isError else {
            await journal.drop(context.call)
            return result
        }
        try await journal.database.markUndone(record.call, by: context.call)
        let state = content == nil ? "is removed again" : "is as it was before"
        return .text(
            "\(record.path) \(state).\(isForced && now.digest != record.after ? " It had been changed since." : "")")
    }
}

/// Whoever asks for an undo has said what he wants: where the policy would have the requester confirm it, that was it.
/// Where it wants somebody else's word there is nobody to wait for.
struct UndoApprover: Approver {
    let person: PersonID
    let isOwnName: Bool

    func ask(_ request: ApprovalRequest) async throws -> ApprovalAnswer {
        guard request.approvers == .requester, isOwnName else {
            throw ChatError(
                .forbidden,
                "undoing it takes the word of \(request.approvers.inWords), and an undo is not asked about: put the file back "
                    + "in a message to the assistant, which will ask")
        }
        return .allowed(by: person)
    }
}
