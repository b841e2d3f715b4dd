import Glibc
package import MCP

/// Replaces a piece of a file.
package struct EditFileTool: WorkspaceTool {
    private static let maximumBytes = 16 << 20

    private let workspace: Workspace

    package init(workspace: Workspace) { self.workspace = workspace }

    package var tool: Tool {
        Tool(
            name: "edit_file", title: "Edit a file",
            description: """
                Replaces one exact piece of text in a file by another. "old_string" must be in the file exactly once, \
                white space included; copy it from read_file with enough lines around it to be unique. With \
                "replace_all" every occurrence is replaced.
                """,
            inputSchema: Schema.object(
                [
                    "path": Schema.string("Absolute below \(workspace.root), or relative to \(workspace.homePath)."),
                    "old_string": Schema.string("The text to replace, exactly as it is in the file."),
                    "new_string": Schema.string("The text to put there. Empty removes."),
                    "replace_all": Schema.bool("Replace every occurrence. Default false."),
                ], required: ["path", "old_string", "new_string"]), annotations: Annotations.overwrites)
    }

    package func run(_ arguments: JSONObject, _ call: ToolRun) throws(ToolProblem) -> CallToolResult {
        let arguments = try Arguments(
            arguments, allowed: ["path", "old_string", "new_string", "replace_all", Expectation.key])
        let path = try arguments.string("path")
        let (old, result) = try apply(arguments)
        if let expected = try Expectation.read(arguments) {
            // Of the very bytes the edit was made from.
            let file = BoundFile(
                path: try workspace.absolute(path), digest: SHA256.hex(old), bytes: Int64(old.count))
            try Expectation.require([file], as: expected)
        }
        _ = try AtomicFile.replace(path, in: workspace, with: result.bytes)
        let lines = result.lines.prefix(8).map(String.init).joined(separator: ", ")
        let more = result.lines.count > 8 ? ", …" : ""
        return result.lines.count == 1
            ? .text("Edited \(path) at line \(lines).")
            : .text("Edited \(path) in \(result.lines.count) places (lines \(lines)\(more)).")
    }

    /// The file before and after, without writing anything.
    func edited(_ arguments: Arguments) throws(ToolProblem) -> (old: [UInt8], new: [UInt8]) {
        let (old, result) = try apply(arguments)
        return (old, result.bytes)
    }

    private func apply(_ arguments: Arguments) throws(ToolProblem) -> (old: [UInt8], result: TextEdit.Result) {
        let path = try arguments.string("path")
        let edit = TextEdit(
            old: try arguments.string("old_string"), new: try arguments.string("new_string"),
            replacesAll: try arguments.bool("replace_all"))
        let (file, status) = try workspace.openFile(path, "edit")
        guard status.st_size <= Self.maximumBytes else {
            throw ToolProblem("\(path) is \(status.st_size) bytes; at most 16 MiB can be edited. Use bash with sed.")
        }
        let old = try file.read(at: 0, count: Int(status.st_size))
        return (old, try edit.apply(to: old, path: path))
    }
}
