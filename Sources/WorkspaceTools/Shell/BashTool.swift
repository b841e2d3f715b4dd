import CLinux
import Glibc
package import MCP
import Synchronization

/// Runs a command in bash. Working directory and exported variables last from one call to the next.
package final class BashTool: WorkspaceTool {
    /// An argument of the host's own, unknown to the agent (its schema does not have it): the command runs with the
    /// environment a session starts with, and leaves neither environment nor working directory behind.
    package static let cleanEnvironment = "clean_environment"

    /// Another of the host's: the command runs in exactly this folder and with the environment a session starts with; of
    /// its state only the folder it ends in lasts. For commands people agreed to: what they were shown is all there is.
    package static let directory = "directory"

    private static let maximumCommand = 100_000
    package static let defaultTimeout = 120
    private static let maximumTimeout = 600

    /// The private descriptor is moved out of the way of scripts that use 3 themselves. The trap also runs after `exit`
    /// in the command; after `exec`, or with a trap of the command's own, the state stays as it was.
    private static let wrapper = """
        exec {__bulkhead_state}>&3 3>&-
        trap '__bulkhead_status=$?; trap - EXIT; builtin printf "%s\\0%s\\0" "$__bulkhead_status" "$PWD" \
        >&"$__bulkhead_state"; exec /usr/bin/env -0 >&"$__bulkhead_state" 2>/dev/null' EXIT
        eval "$1"
        """

    private let workspace: Workspace
    private let initial: ShellState
    private let state: Mutex<ShellState>

    package init(workspace: Workspace, environment: [String: String]) {
        self.workspace = workspace
        initial = ShellState(workspace: workspace, environment: environment)
        state = Mutex(initial)
    }

    package var tool: Tool {
        Tool(
            name: "bash", title: "Run a command",
            description: """
                Runs a command in bash inside the sealed workspace container and returns its output (stdout and stderr \
                in order), exit status and duration. There is no terminal; stdin is empty. Network: none but HTTP and \
                HTTPS through the proxy that HTTP_PROXY and HTTPS_PROXY name (git, pip and curl use it by themselves), \
                and through it only hosts that were granted, often none: it answers 403 then, and the tool egress_request \
                asks for one. Starts in \(workspace.homePath); the working directory and exported variables last from one call to the next, \
                shell functions and unexported variables do not. Output beyond 64 KiB is cut in the middle, and a \
                command that prints more than 8 MiB is stopped: redirect long output to a file and read parts of it. \
                Installed: coreutils, git, ripgrep, jq, sqlite3, unzip, poppler, python3 with pandas, openpyxl, docx \
                pypdf and pip. For a process that should go on running: command >log 2>&1 &
                """,
            inputSchema: Schema.object(
                [
                    "command": Schema.string("The command or script, as typed at a bash prompt."),
                    "timeout_seconds": Schema.int(
                        "Ended with everything it started after so many seconds. Default \(Self.defaultTimeout).",
                        1...Self.maximumTimeout),
                    CommandSecrets.key: [
                        "type": "object", "additionalProperties": ["type": "string"],
                        "maxProperties": .int(Int64(CommandSecrets.maximumCount)),
                        "description": """
                        Stored secrets the command needs, as {"VARIABLE": "name of the secret"}: their values are in its \
                        environment and nowhere else, so write "$VARIABLE" and print nothing of it. People are asked \
                        first as a rule. The command then runs in a sandbox of its own, with the same folders, that \
                        reaches the hosts those secrets are for and no other; of it only files and output last.
                        """,
                    ],
                ], required: ["command"]), annotations: Annotations.runs)
    }

    package func run(_ object: JSONObject, _ call: ToolRun) throws(ToolProblem) -> CallToolResult {
        let arguments = try Arguments(
            object,
            allowed: [
                "command", "timeout_seconds", Self.cleanEnvironment, Self.directory, Expectation.key,
                CommandSecrets.values,
            ])
        let secrets = try CommandSecrets.environment(object[CommandSecrets.values])
        let command = try arguments.string("command")
        let timeout = try arguments.int("timeout_seconds", in: 1...Self.maximumTimeout) ?? Self.defaultTimeout
        guard !command.utf8.contains(0) else { throw ToolProblem("A command cannot have a NUL character in it.") }
        guard command.utf8.count <= Self.maximumCommand else {
            throw ToolProblem(
                "The command is longer than \(Self.maximumCommand) bytes. Write it to a file with write_file and run that."
            )
        }
        let isClean = try arguments.bool(Self.cleanEnvironment)
        var before = state.withLock(\.self)
        if isClean {
            // Not even a home: programs read configuration from there, which the agent could have written.
            let home = Array("HOME=".utf8)
            before.environment = initial.environment.filter { !$0.starts(with: home) } + [home + "/nonexistent".utf8]
        }
        let shown = try arguments.optionalString(Self.directory)
        if let shown { before = ShellState(directory: shown, environment: initial.environment) }
        if !secrets.isEmpty {
            // Of this container alone: what other commands wrote into the session's home is no configuration of this one's.
            let home = Array("HOME=".utf8)
            before.environment = initial.environment.filter { !$0.starts(with: home) } + [home + "/tmp".utf8]
        }
        var (directory, note): (OpenFile, String?)
        if let shown {
            (directory, note) = (try openShown(shown), nil)
        } else {
            (directory, note) = try open(before.directory)
        }
        var child = ChildProcess(
            "/bin/bash", ["--noprofile", "--norc", "-c", Self.wrapper, "bash", command],
            environment: before.environment + secrets, limits: ChildProcess.Limits(timeout: .seconds(timeout)))
        child.directory = directory
        child.readsExtra = true
        child.onProgress = call.progress
        if let expected = try Expectation.read(arguments) {
            let found = CommandFiles(of: command, in: before.directory, workspace: workspace)
            try Expectation.require(found.files, as: expected)
        }
        let outcome = try child.run(call.cancellation)
        let left = ShellState.parse(outcome.extra)
        // Calls may overlap: one that changed nothing must not undo what another changed meanwhile.
        if let after = left?.state, after != before, secrets.isEmpty {
            state.withLock { state in
                // Of a command nobody was asked about nothing stays: the next may be one somebody agreed to.
                if shown != nil { state.directory = after.directory } else if !isClean { state = after }
            }
        }
        if !secrets.isEmpty {
            note = "it ran in a sandbox of its own, which is gone: processes, variables and /tmp with it"
        } else if shown != nil, left?.state.exports != initial.exports {
            note = "it ran in a fresh shell, as approved commands do: variables it exported are not kept"
        }
        // Where it went to is nobody's business any more.
        let told = secrets.isEmpty ? left : left.map { ($0.status, before) }
        return BashReport(outcome, left: told, before: before, note: note, timeout: timeout).result
    }

    /// Where the next command would run, without links.
    func directory() throws(ToolProblem) -> String {
        let (folder, _) = try open(state.withLock(\.directory))
        return try Self.realPath(of: folder)
    }

    private func openShown(_ path: String) throws(ToolProblem) -> OpenFile {
        let descriptor = clinux_open_folder(path)
        guard descriptor >= 0 else { throw ToolProblem(errno, "run the command in", path) }
        let folder = OpenFile(descriptor)
        guard try Self.realPath(of: folder) == path else {
            throw ToolProblem("\(path) is not the folder it was when it was approved; nothing was run. Ask again.")
        }
        return folder
    }

    private static func realPath(of folder: OpenFile) throws(ToolProblem) -> String {
        guard let path = realpath("/proc/self/fd/\(folder.descriptor)", nil) else {
            throw ToolProblem(errno, "find", "the working directory")
        }
        defer { free(path) }
        return String(cString: path)
    }

    /// The working directory may have been removed since.
    private func open(_ path: String) throws(ToolProblem) -> (OpenFile, note: String?) {
        for (candidate, note) in [
            (path, nil), (workspace.homePath, "\(path) is gone; this ran in \(workspace.homePath)"),
            (workspace.root, "\(workspace.homePath) is not there; this ran in \(workspace.root)"),
        ] as [(String, String?)] {
            let descriptor = clinux_open_folder(candidate)
            if descriptor >= 0 { return (OpenFile(descriptor), note) }
        }
        throw ToolProblem(errno, "open", workspace.root)
    }
}
