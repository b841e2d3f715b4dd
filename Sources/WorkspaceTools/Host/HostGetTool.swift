import Glibc
package import MCP

/// For the harness: takes a piece of a file out of the workspace.
package struct HostGetTool: WorkspaceTool {
    private static let maximumBytes = 8 << 20

    private let workspace: Workspace

    package init(workspace: Workspace) { self.workspace = workspace }

    package var tool: Tool {
        Tool(
            name: "host_get", description: "For the harness only: reads a piece of a file.",
            inputSchema: Schema.object(
                [
                    "path": Schema.string("Which."), "offset": Schema.int("First byte. Default 0.", 0...Int.max),
                    "length": Schema.int("How many bytes. Default and most 8 MiB.", 1...Self.maximumBytes),
                ], required: ["path"]), annotations: Annotations.reads)
    }

    package func run(_ arguments: JSONObject, _ call: ToolRun) throws(ToolProblem) -> CallToolResult {
        let arguments = try Arguments(arguments, allowed: ["path", "offset", "length"])
        let offset = Int64(try arguments.int("offset", in: 0...Int.max) ?? 0)
        let length = try arguments.int("length", in: 1...Self.maximumBytes) ?? Self.maximumBytes
        let (file, status) = try workspace.openFile(try arguments.string("path"))
        let bytes = try file.read(at: offset, count: length)
        let isAtEnd =
            bytes.count < length || offset.addingReportingOverflow(Int64(bytes.count)).partialValue >= status.st_size
        // Structured only: the data once is enough.
        let answer: JSONObject = [
            "data": .string(Base64.encode(bytes)), "size": .int(Int64(status.st_size)), "eof": .bool(isAtEnd),
        ]
        return CallToolResult(content: [], structuredContent: .object(answer))
    }
}
