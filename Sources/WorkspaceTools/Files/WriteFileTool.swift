package import MCP

/// Writes a whole file.
package struct WriteFileTool: WorkspaceTool {
    private let workspace: Workspace

    package init(workspace: Workspace) { self.workspace = workspace }

    package var tool: Tool {
        Tool(
            name: "write_file", title: "Write a file",
            description: """
                Writes a text file, replacing what it held, in one step; folders on the way are made. To change a part \
                of a file use edit_file. Files for the conversation go below \(workspace.homePath), which everybody in \
                it can see; scratch files below \(workspace.root)/session.
                """,
            inputSchema: Schema.object(
                [
                    "path": Schema.string("Absolute below \(workspace.root), or relative to \(workspace.homePath)."),
                    "content": Schema.string("The whole content."),
                ], required: ["path", "content"]), annotations: Annotations.overwrites)
    }

    package func run(_ arguments: JSONObject, _ call: ToolRun) throws(ToolProblem) -> CallToolResult {
        let arguments = try Arguments(arguments, allowed: ["path", "content", Expectation.key])
        let path = try arguments.string("path")
        let content = Array(try arguments.string("content").utf8)
        try workspace.require(try Expectation.read(arguments), of: path)
        let wasThere = try AtomicFile.replace(path, in: workspace, with: content)
        let lines =
            content.count { $0 == UInt8(ascii: "\n") } + (content.last.map { $0 == UInt8(ascii: "\n") ? 0 : 1 } ?? 0)
        return .text("\(wasThere ? "Overwrote" : "Created") \(path): \(content.count) bytes, \(lines) lines.")
    }
}
