import Glibc
package import MCP

/// For the harness: what a call would work on, as it is now. Shown to people who are asked about it, and held against what
/// is there when it runs.
package struct HostEvidenceTool: WorkspaceTool {
    private let workspace: Workspace
    private let bash: BashTool

    package init(workspace: Workspace, bash: BashTool) {
        self.workspace = workspace
        self.bash = bash
    }

    package var tool: Tool {
        Tool(
            name: "host_evidence", description: "For the harness only: what a call would work on.",
            inputSchema: Schema.object(
                [
                    "tool": Schema.string("bash, write_file, edit_file, or another name for a file that is handed on."),
                    "arguments": ["type": "object"],
                    "directory": Schema.string("For bash: where it would run. Default: where the shell is."),
                ], required: ["tool", "arguments"]), annotations: Annotations.reads)
    }

    package func run(_ arguments: JSONObject, _ call: ToolRun) throws(ToolProblem) -> CallToolResult {
        let asked = try Arguments(arguments, allowed: ["tool", "arguments", "directory"])
        guard let object = arguments["arguments"]?.objectValue else {
            throw ToolProblem("\"arguments\" must be an object.")
        }
        let keys = object.keys
        let given = try Arguments(object, allowed: keys)
        switch try asked.string("tool") {
        case "bash": return try command(given, in: try asked.optionalString("directory"))
        case "write_file": return try writing(given)
        case "edit_file": return try editing(given)
        default: return try handing(given)
        }
    }

    private func command(_ given: Arguments, in wanted: String?) throws(ToolProblem) -> CallToolResult {
        let directory = if let wanted { wanted } else { try bash.directory() }
        let named = CommandFiles(of: try given.string("command"), in: directory, workspace: workspace)
        var answer: JSONObject = ["directory": .string(directory), "files": .array(named.files.map(\.json))]
        answer["unbound"] = .array(named.unbound.map { ["path": .string($0.path), "why": .string($0.why)] })
        return Self.answer(answer)
    }

    private func writing(_ given: Arguments) throws(ToolProblem) -> CallToolResult {
        let path = try workspace.absolute(try given.string("path"))
        let content = Array(try given.string("content").utf8)
        guard let (file, status) = try workspace.openFileIfThere(path, "write") else {
            return change(BoundFile(path: path, digest: nil, bytes: 0), nil, content)
        }
        guard status.st_size <= LineDiff.maximumBytes else {
            guard let (digest, bytes) = try BoundFile.digest(of: file, limit: BoundFile.maximumBytes) else {
                throw ToolProblem("\(path) is larger than 64 MiB: what writing it would replace cannot be shown.")
            }
            return change(
                BoundFile(path: path, digest: digest, bytes: bytes), to: content,
                LineDiff.tooLarge(Int(bytes), content.count, path: path))
        }
        let old = try file.read(at: 0, count: Int(status.st_size))
        return change(BoundFile(path: path, digest: SHA256.hex(old), bytes: Int64(old.count)), old, content)
    }

    private func editing(_ given: Arguments) throws(ToolProblem) -> CallToolResult {
        let path = try workspace.absolute(try given.string("path"))
        let (old, new) = try EditFileTool(workspace: workspace).edited(given)
        return change(BoundFile(path: path, digest: SHA256.hex(old), bytes: Int64(old.count)), old, new)
    }

    private func handing(_ given: Arguments) throws(ToolProblem) -> CallToolResult {
        let path = try workspace.absolute(try given.string("path"))
        guard let (file, _) = try workspace.openFileIfThere(path, "read") else {
            return Self.answer(["files": [BoundFile(path: path, digest: nil, bytes: 0).json]])
        }
        guard let (digest, bytes) = try BoundFile.digest(of: file, limit: BoundFile.maximumBytes) else {
            return Self.answer(["files": [], "unbound": [["path": .string(path), "why": "too large"]]])
        }
        return Self.answer(["files": [BoundFile(path: path, digest: digest, bytes: bytes).json]])
    }

    private func change(_ file: BoundFile, _ old: [UInt8]?, _ new: [UInt8]) -> CallToolResult {
        change(file, to: new, LineDiff.unified(old, new, path: file.path))
    }

    private func change(_ file: BoundFile, to new: [UInt8], _ details: String) -> CallToolResult {
        Self.answer(["files": [file.json], "after": .string(SHA256.hex(new)), "details": .string(details)])
    }

    /// Structured only: once is enough.
    private static func answer(_ answer: JSONObject) -> CallToolResult {
        CallToolResult(content: [], structuredContent: .object(answer))
    }
}
