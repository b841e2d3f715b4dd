import Glibc
import MCP
import Testing
import WorkspaceTools

@Suite struct BashToolTests {
    @Test func aCleanShellKnowsNothingOfTheSessions() async throws {
        let workspace = try TemporaryWorkspace()
        _ = try await workspace.bash("mkdir sub; ls() { echo fake; }; export -f ls; export PATH=/nowhere:$PATH A=1")
        #expect(try await workspace.bash("ls; echo $A").hasPrefix("fake\n1\n"))
        let clean = try await workspace.call(
            "bash", ["command": "ls; cd sub; echo \"[$A]\"; export B=2", "clean_environment": true])
        #expect(clean.text.hasPrefix("sub\n[]\n"))
        // Nothing of it stays: what was there before is there again.
        let after = try await workspace.bash("pwd; echo \"$A[$B]\"; ls")
        #expect(after.hasPrefix("\(workspace.thread)\n1[]\nfake\n"), "\(after)")
    }

    @Test func theAgentIsNotToldOfTheCleanShell() {
        let declared = WorkspaceServer.declarations(root: "/workspace").first { $0.name == "bash" }
        #expect(declared?.inputSchema["properties"]?[BashTool.cleanEnvironment] == nil)
        #expect(declared?.inputSchema["additionalProperties"] == false)
    }

    @Test func outputStatusAndDurationAreTold() async throws {
        let workspace = try TemporaryWorkspace()
        let text = try await workspace.bash("echo one; echo two >&2; echo three; exit 3")
        #expect(text.hasPrefix("one\ntwo\nthree\n[exit status 3, "))
        #expect(text.hasSuffix(" ms]"))
    }

    @Test func directoryAndExportedVariablesLast() async throws {
        let workspace = try TemporaryWorkspace()
        #expect(try await workspace.bash("pwd").hasPrefix(workspace.thread))
        let moved = try await workspace.bash("mkdir sub; cd sub; export A='x\ny'; B=unexported; exit 0")
        #expect(moved.contains("now in \(workspace.thread)/sub"))
        #expect(
            try await workspace.bash("pwd; echo \"$A\"; echo \"[$B]\"").hasPrefix("\(workspace.thread)/sub\nx\ny\n[]\n")
        )
        _ = try await workspace.bash("unset A")
        #expect(try await workspace.bash("echo \"[$A]\"").hasPrefix("[]\n"))
    }

    @Test func aCommandThatReplacesItselfLeavesTheStateAsItWas() async throws {
        let workspace = try TemporaryWorkspace()
        _ = try await workspace.bash("export A=1; cd /")
        #expect(try await workspace.bash("export A=2; exec echo replaced").hasPrefix("replaced\n[exit status 0"))
        #expect(try await workspace.bash("echo $A; pwd").hasPrefix("1\n/\n"))
        #expect(try await workspace.bash("export A=3; trap 'echo own trap' EXIT; exit 4").contains("[exit status 4"))
        #expect(try await workspace.bash("echo $A").hasPrefix("1\n"))
    }

    @Test func aWorkingDirectoryThatIsGoneIsSaid() async throws {
        let workspace = try TemporaryWorkspace()
        _ = try await workspace.bash("mkdir gone; cd gone; rmdir ../gone")
        let text = try await workspace.bash("pwd")
        #expect(text.hasPrefix("\(workspace.thread)\n[\(workspace.thread)/gone is gone"))
    }

    @Test func whatStartedTheToolsIsNotInTheEnvironment() async throws {
        let workspace = try TemporaryWorkspace()
        let text = try await workspace.bash("env; ls -l /proc/self/fd | grep -v /proc")
        #expect(!text.contains("LD_PRELOAD"))
        #expect(text.contains("TERM=dumb"))
        #expect(!text.contains("socket:"))
    }

    @Test func aCommandThatPrintsForEverIsEnded() async throws {
        let workspace = try TemporaryWorkspace()
        let result = try await workspace.call("bash", ["command": "yes"])
        #expect(result.isError)
        #expect(result.text.utf8.count < 70 << 10)
        #expect(result.text.contains("bytes left out"))
        #expect(result.text.contains("more than 8 MiB"))
    }

    @Test func theBeginningAndTheEndOfLongOutputAreKept() async throws {
        let workspace = try TemporaryWorkspace()
        let text = try await workspace.bash("seq 1 100000")
        #expect(text.hasPrefix("1\n2\n3\n"))
        #expect(text.contains("99999\n100000\n[exit status 0"))
        #expect(text.contains("bytes left out"))
    }

    @Test func theTimeOutEndsTheWholeGroup() async throws {
        let workspace = try TemporaryWorkspace()
        let text = try await workspace.bash(
            "trap '' TERM; (trap '' TERM; sleep 1000) & echo $! $$; wait; sleep 1000", timeout: 1)
        #expect(text.contains("stopped at the time-out of 1 s"))
        let processes = text.split(separator: "\n")[0].split(separator: " ").compactMap { pid_t($0) }
        #expect(processes.count == 2)
        for process in processes { #expect(Self.isGone(process)) }
    }

    /// A killed process whose parent is elsewhere may stay a zombie for a moment.
    private static func isGone(_ process: pid_t) -> Bool {
        guard kill(process, 0) == 0 else { return true }
        let file = open("/proc/\(process)/stat", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return true }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 512)
        let count = read(file, &bytes, bytes.count)
        return String(decoding: bytes[..<max(0, count)], as: UTF8.self).contains(") Z ")
    }

    @Test func aBackgroundProcessDoesNotHoldTheCall() async throws {
        let workspace = try TemporaryWorkspace()
        let clock = ContinuousClock()
        let start = clock.now
        let text = try await workspace.bash("(sleep 30; echo late) & echo $!; disown")
        #expect(start.duration(to: clock.now) < .seconds(20))
        #expect(text.contains("background processes go on"))
        let process = try #require(text.split(separator: "\n").first.flatMap { pid_t($0) })
        #expect(kill(process, 0) == 0)
        kill(-getpgid(process), SIGKILL)
    }

    @Test func aBackgroundProcessThatPrintsForEverDoesNotEither() async throws {
        let workspace = try TemporaryWorkspace()
        let text = try await workspace.bash("yes & echo $! >pid; sleep 0.05")
        #expect(text.contains("[exit status 0") || text.contains("8 MiB"))
        let process = try #require(pid_t(try workspace.content("pid").split(separator: "\n")[0]))
        kill(-getpgid(process), SIGKILL)
    }

    @Test func cancellationEndsTheCommand() async throws {
        let workspace = try TemporaryWorkspace()
        let task = Task { try await workspace.call("bash", ["command": "echo $$ >started; sleep 1000"]) }
        while try access("\(workspace.thread)/started", F_OK) != 0 || workspace.content("started").isEmpty {
            await Task.yield()
        }
        task.cancel()
        let result = try await task.value
        #expect(result.isError)
        #expect(result.text.contains("cancelled"))
        let process = try #require(pid_t(try workspace.content("started").split(separator: "\n")[0]))
        #expect(Self.isGone(process))
    }

    @Test func bytesThatAreNoTextAreMadeVisible() async throws {
        let workspace = try TemporaryWorkspace()
        let text = try await workspace.bash("printf 'a\\377b\\000c\\033[31md\\n'")
        #expect(text.hasPrefix("a\u{FFFD}b␀c␛[31md\n[the output had bytes that are not UTF-8"))
    }

    @Test func standardInputIsEmpty() async throws {
        let workspace = try TemporaryWorkspace()
        #expect(try await workspace.bash("cat; read x || echo none").hasPrefix("none\n[exit status 0"))
    }

    @Test func signalsAreNamed() async throws {
        let workspace = try TemporaryWorkspace()
        #expect(try await workspace.bash("kill -KILL $$").contains("ended by signal 9 (KILL"))
    }

    @Test func scriptsMayUseDescriptorThree() async throws {
        let workspace = try TemporaryWorkspace()
        _ = try await workspace.bash("exec 3>three; echo hi >&3; export KEPT=1")
        #expect(try workspace.content("three") == "hi\n")
        #expect(try await workspace.bash("echo $KEPT").hasPrefix("1\n"))
    }

    @Test func badArgumentsAreSentences() async throws {
        let workspace = try TemporaryWorkspace()
        for arguments: JSONObject in [
            [:], ["command": 1], ["command": "a\0b"], ["command": "true", "timeout_seconds": 601],
            ["command": "true", "timeout_seconds": "10"], ["command": "true", "cwd": "/"],
            ["command": .string(String(repeating: "#", count: 100_001))],
        ] {
            let text = try await workspace.failure("bash", arguments)
            #expect(text.hasSuffix("."))
        }
        #expect(try await workspace.bash("if then").contains("[exit status 2"))
    }

    @Test func manyCallsAtOnceAllEnd() async throws {
        let workspace = try TemporaryWorkspace()
        let texts = try await withThrowingTaskGroup(of: String.self) { group in
            for number in 0..<20 { group.addTask { try await workspace.bash("echo \(number)") } }
            return try await group.reduce(into: [String]()) { $0.append($1) }
        }
        #expect(Set(texts.map { $0.split(separator: "\n")[0] }).count == 20)
    }

    @Test func progressTellsTheLastLine() async throws {
        let workspace = try Workspace(root: "/tmp")
        let tool = BashTool(workspace: workspace, environment: [:])
        let heard = Heard()
        let run = ToolRun(cancellation: CancelSignal()) { _, message in heard.note(message) }
        _ = try tool.run(["command": "echo early; for i in 1 2 3 4; do sleep 0.4; echo $i; done"], run)
        #expect(!heard.all.isEmpty)
    }
}
