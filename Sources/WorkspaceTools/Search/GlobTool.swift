package import MCP

/// Finds files by name.
package struct GlobTool: WorkspaceTool {
    private static let defaultLimit = 500

    private let workspace: Workspace

    package init(workspace: Workspace) { self.workspace = workspace }

    package var tool: Tool {
        Tool(
            name: "glob", title: "Find files",
            description: """
                Lists files whose path matches a pattern, such as *.csv, **/*.py or reports/2026-*/*.{pdf,docx}. Without \
                a slash or ** a pattern looks in the folder itself only. Hidden files are included, .git is not; links \
                are not followed.
                """,
            inputSchema: Schema.object(
                [
                    "pattern": Schema.string("* and ? within a name, ** for any folders, [a-z], {one,two}."),
                    "path": Schema.string("The folder to look in. Default \(workspace.homePath)."),
                    "limit": Schema.int("At most so many paths. Default \(Self.defaultLimit).", 1...5000),
                ], required: ["pattern"]), annotations: Annotations.reads)
    }

    package func run(_ arguments: JSONObject, _ call: ToolRun) throws(ToolProblem) -> CallToolResult {
        let arguments = try Arguments(arguments, allowed: ["pattern", "path", "limit"])
        var text = try arguments.string("pattern")
        var path = try arguments.optionalString("path") ?? ""
        let limit = try arguments.int("limit", in: 1...5000) ?? Self.defaultLimit
        if text.hasPrefix("/") {
            // An absolute pattern: everything below the workspace is looked through.
            guard path.isEmpty, text.hasPrefix(workspace.root + "/") else {
                throw ToolProblem("An absolute pattern must start with \(workspace.root)/ and come without \"path\".")
            }
            text = String(text.dropFirst(workspace.root.count + 1))
            path = workspace.root
        }
        let pattern = try GlobPattern(text)
        let folder = try workspace.openDirectory(path.isEmpty ? workspace.homePath : path, "look in")
        let prefix = path.isEmpty ? "" : path.hasSuffix("/") ? path : path + "/"
        var found: [String] = []
        var hasMore = false
        var walk = DirectoryWalk()
        try walk.run(folder, cancellation: call.cancellation) { entry in
            guard pattern.matches(entry.path) else { return true }
            guard found.count < limit else {
                hasMore = true
                return false
            }
            found.append(prefix + entry.path.joined(separator: "/") + (entry.isDirectory ? "/" : ""))
            return true
        }
        var lines = found.sorted()
        if found.isEmpty { lines.append("No file matches \(text) in \(path.isEmpty ? workspace.homePath : path).") }
        if hasMore { lines.append("[more than \(limit) match; narrow the pattern or raise the limit]") }
        if walk.wasCutShort, !hasMore { lines.append("[not everything was looked through: there are too many files]") }
        return .text(VisibleText(Array(lines.joined(separator: "\n").utf8)).text)
    }
}
