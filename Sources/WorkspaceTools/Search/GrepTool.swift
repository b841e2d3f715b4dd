import Glibc
package import MCP

/// Searches file contents with ripgrep, whose expressions take linear time.
package struct GrepTool: WorkspaceTool {
    private static let defaultLimit = 200
    private static let modes = ["content", "files", "count"]

    private let workspace: Workspace

    package init(workspace: Workspace) { self.workspace = workspace }

    package var tool: Tool {
        Tool(
            name: "grep", title: "Search in files",
            description: """
                Searches the contents of text files with ripgrep (regular expressions, no look-around). Binary files, \
                .git and what .gitignore names are left out.
                """,
            inputSchema: Schema.object(
                [
                    "pattern": Schema.string("A regular expression, or plain text with \"literal\"."),
                    "path": Schema.string("A file or folder. Default \(workspace.homePath)."),
                    "glob": Schema.string("Only files whose path matches, such as *.py. A leading ! leaves them out."),
                    "mode": Schema.choice(
                        Self.modes,
                        "content (default): the lines, with numbers; files: paths only; count: matches per file."),
                    "ignore_case": Schema.bool("Default false."),
                    "literal": Schema.bool("Take the pattern as plain text. Default false."),
                    "multiline": Schema.bool("Let a match span lines. Default false."),
                    "context": Schema.int("Lines to show before and after each match.", 0...50),
                    "limit": Schema.int("At most so many lines of output. Default \(Self.defaultLimit).", 1...5000),
                ], required: ["pattern"]), annotations: Annotations.reads)
    }

    package func run(_ arguments: JSONObject, _ call: ToolRun) throws(ToolProblem) -> CallToolResult {
        let arguments = try Arguments(
            arguments,
            allowed: [
                "pattern", "path", "glob", "mode", "ignore_case", "literal", "multiline", "context", "limit",
            ])
        let pattern = try arguments.string("pattern")
        let path = try arguments.optionalString("path") ?? ""
        let mode = try arguments.choice("mode", of: Self.modes) ?? "content"
        let limit = try arguments.int("limit", in: 1...5000) ?? Self.defaultLimit
        guard !pattern.isEmpty, pattern.utf8.count <= 10_000, !pattern.utf8.contains(0) else {
            throw ToolProblem("\"pattern\" must have 1 to 10000 characters and no NUL.")
        }
        var options = [
            "--no-config", "--color=never", "--no-messages", "--hidden", "--glob=!.git", "--null", "--with-filename",
            "--no-heading", "--max-columns=500", "--max-columns-preview", "--sort=path",
        ]
        switch mode {
        case "files": options.append("--files-with-matches")
        case "count": options.append("--count-matches")
        default:
            options.append("--line-number")
            if let context = try arguments.int("context", in: 0...50) { options.append("--context=\(context)") }
        }
        if let glob = try arguments.optionalString("glob"), !glob.isEmpty { options.append("--glob=\(glob)") }
        if try arguments.bool("ignore_case") { options.append("--ignore-case") }
        if try arguments.bool("literal") { options.append("--fixed-strings") }
        if try arguments.bool("multiline") { options += ["--multiline", "--multiline-dotall"] }
        let outcome = try search(options + ["--regexp=\(pattern)"], path.isEmpty ? workspace.homePath : path, call)
        return try report(outcome, path: path, mode: mode, limit: limit, pattern: pattern)
    }

    private func search(
        _ options: [String], _ path: String, _ call: ToolRun
    ) throws(ToolProblem) -> (ChildProcess.Outcome, isFile: Bool) {
        let target = try workspace.open(path, "search", flags: O_RDONLY | O_NONBLOCK)
        let status = try target.status()
        guard status.isDirectory || status.isRegular else {
            throw ToolProblem("\(path) is \(status.kind), not a file or folder.")
        }
        var limits = ChildProcess.Limits(timeout: .seconds(60))
        limits.head = 2 << 20
        limits.tail = 0
        limits.maximumOutput = 4 << 20
        limits.grace = .zero
        let environment = ["PATH=/usr/bin:/bin", "LANG=C.UTF-8"].map { Array($0.utf8) }
        var child = ChildProcess(
            "/usr/bin/rg", options + ["--", status.isDirectory ? "./" : "-"], environment: environment, limits: limits)
        if status.isDirectory { child.directory = target } else { child.input = target }
        child.joinsError = false
        return (try child.run(call.cancellation), status.isRegular)
    }

    private func report(
        _ found: (outcome: ChildProcess.Outcome, isFile: Bool), path: String, mode: String, limit: Int, pattern: String
    ) throws(ToolProblem) -> CallToolResult {
        let outcome = found.outcome
        switch (outcome.ending, outcome.status) {
        case (.cancelled, _): throw ToolProblem("The search was cancelled.")
        case (.finished, .exited(1)) where outcome.output.total == 0:
            return .text("Nothing in \(path.isEmpty ? workspace.homePath : path) matches \(pattern.prefix(200)).")
        case (.finished, .exited(2)) where outcome.output.total == 0:
            let said = outcome.error.text.text.trimmingLastNewline
            throw ToolProblem(
                "The search failed: \(said.isEmpty ? "something could not be read." : String(said.prefix(500)))")
        default: break
        }
        // Every line begins with its file's path and NUL; lines between groups of context do not.
        let text = VisibleText(outcome.output.bytes.map { $0 == 0 ? 1 : $0 }).text
        let separator = Character("\u{2401}")  // how VisibleText shows the byte 1
        let lines =
            mode == "files"
            ? text.split(separator: separator).map { named($0, found.isFile, path) }
            : text.split(whereSeparator: { $0 == "\n" || $0 == "\r\n" }).map { line in
                guard let end = line.firstIndex(of: separator) else { return String(line) }
                let rest = line[line.index(after: end)...]
                return named(line[..<end], found.isFile, path) + ":" + rest
            }
        var shown = lines.prefix(limit).map(\.self)
        if lines.count > limit {
            shown.append("[\(lines.count - limit) more lines; narrow the search or raise the limit]")
        }
        if outcome.output.omitted > 0 || outcome.ending == .printedTooMuch {
            shown.append("[there are too many matches to show; narrow the search]")
        }
        if outcome.ending == .timedOut { shown.append("[stopped after 60 s; search a smaller folder]") }
        return .text(shown.joined(separator: "\n"))
    }

    private func named(_ name: some StringProtocol, _ isFile: Bool, _ path: String) -> String {
        if isFile { return path }
        let relative = name.hasPrefix("./") ? String(name.dropFirst(2)) : String(name)
        return path.isEmpty ? relative : path.hasSuffix("/") ? path + relative : path + "/" + relative
    }
}
