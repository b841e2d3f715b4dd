import Glibc
package import MCP

/// For the harness: puts a file back as it was, or removes it, in one step and only where it still is as expected.
package struct HostRestoreTool: WorkspaceTool {
    private let workspace: Workspace

    package init(workspace: Workspace) { self.workspace = workspace }

    package var tool: Tool {
        Tool(
            name: "host_restore", description: "For the harness only: replaces or removes a file.",
            inputSchema: Schema.object(
                [
                    "path": Schema.string("Which."), "data": Schema.string("Base64; without it the file is removed."),
                    Expectation.key: ["type": "array"],
                ], required: ["path"]), annotations: Annotations.overwrites)
    }

    package func run(_ arguments: JSONObject, _ call: ToolRun) throws(ToolProblem) -> CallToolResult {
        let arguments = try Arguments(arguments, allowed: ["path", "data", Expectation.key])
        let path = try workspace.absolute(try arguments.string("path"))
        try workspace.require(try Expectation.read(arguments), of: path)
        guard let text = try arguments.optionalString("data") else {
            let (folder, name) = try workspace.openParent(path, "remove")
            guard unlinkat(folder.descriptor, name, 0) == 0 || errno == ENOENT else {
                throw ToolProblem(errno, "remove", path)
            }
            return .structured(["path": .string(path)])
        }
        guard let bytes = Base64.decode(text) else { throw ToolProblem("\"data\" is not base64.") }
        _ = try AtomicFile.replace(path, in: workspace, with: bytes)
        return .structured(["path": .string(path), "size": .int(Int64(bytes.count))])
    }
}
