import Glibc
package import MCP

/// For the harness: puts a file into the workspace, in pieces where it is large.
package struct HostPutTool: WorkspaceTool {
    private let workspace: Workspace

    package init(workspace: Workspace) { self.workspace = workspace }

    package var tool: Tool {
        Tool(
            name: "host_put", description: "For the harness only: writes or extends a file.",
            inputSchema: Schema.object(
                [
                    "path": Schema.string("Where."), "data": Schema.string("Base64."),
                    "append": Schema.bool("Add to the end of the file."),
                    "mode": Schema.int("Permission bits of a new file. Default 420 (0644).", 0...0o777),
                ], required: ["path", "data"]), annotations: Annotations.overwrites)
    }

    package func run(_ arguments: JSONObject, _ call: ToolRun) throws(ToolProblem) -> CallToolResult {
        let arguments = try Arguments(arguments, allowed: ["path", "data", "append", "mode"])
        let path = try arguments.string("path")
        guard let bytes = Base64.decode(try arguments.string("data")) else {
            throw ToolProblem("\"data\" is not base64.")
        }
        let mode = try arguments.int("mode", in: 0...0o777)
        var size = Int64(bytes.count)
        if try arguments.bool("append") {
            let (folder, name) = try workspace.openParent(path, "write")
            let flags = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC
            let descriptor = openat(folder.descriptor, name, flags, mode_t(mode ?? 0o644))
            guard descriptor >= 0 else { throw ToolProblem(errno, "write", path) }
            let file = OpenFile(descriptor)
            guard try file.status().isRegular else { throw ToolProblem("\(path) is not a file.") }
            try file.write(bytes)
            size = Int64(try file.status().st_size)
        } else {
            _ = try AtomicFile.replace(path, in: workspace, with: bytes, mode: mode.map { mode_t($0) })
        }
        return .structured(["path": .string(path), "size": .int(size)])
    }
}
