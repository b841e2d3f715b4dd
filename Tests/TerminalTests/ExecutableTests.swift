import Foundation
import Glibc
import MCP
import Terminal
import Testing

/// The program as a script sees it: output and exit status.
@Suite struct ExecutableTests {
    private struct Run {
        var status: Int32
        var output: String
        var errors: String
    }

    /// Beside the test bundle, where the build puts all products.
    private static let program: URL = {
        let tests = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
        return tests.deletingLastPathComponent().appending(path: "bulkhead")
    }()

    private func run(_ arguments: String..., input: String = "", socket: String? = nil) async throws -> Run {
        let folder = try TemporaryFolder()
        return try await withCheckedThrowingContinuation { continuation in
            BlockingThread.start {
                continuation.resume(with: Result { try Self.launch(arguments, input: input, socket: socket, folder) })
            }
        }
    }

    private static func launch(_ arguments: [String], input: String, socket: String?, _ folder: TemporaryFolder) throws
        -> Run
    {
        let files = ["in", "out", "err"].map { URL(filePath: folder.path + "/" + $0) }
        for (file, text) in zip(files, [input, "", ""]) { try Data(text.utf8).write(to: file) }
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.currentDirectoryURL = URL(filePath: folder.path)
        process.environment = ["PATH": "/usr/bin:/bin", "BULKHEAD_SOCKET": socket ?? ""]
        process.standardInput = try FileHandle(forReadingFrom: files[0])
        process.standardOutput = try FileHandle(forWritingTo: files[1])
        process.standardError = try FileHandle(forWritingTo: files[2])
        try process.run()
        process.waitUntilExit()
        return Run(
            status: process.terminationStatus, output: String(decoding: try Data(contentsOf: files[1]), as: UTF8.self),
            errors: String(decoding: try Data(contentsOf: files[2]), as: UTF8.self))
    }

    private static let done = StubDaemon.event("done", "{}")

    private static func answer(_ text: String, kind: String = "assistant") -> String {
        StubDaemon.event("entry", StubDaemon.entry(2, kind, text))
    }

    @Test func anAnswerIsPrintedAndTheStatusIsZero() async throws {
        let daemon = try StubDaemon.answering([Self.answer(#"**hello** \u001b[2J"#), Self.done])
        let run = try await run("chat", "--once", "hi", socket: daemon.socketPath)
        #expect(run.status == 0 && run.output == "**hello** ␛[2J\n" && run.errors.isEmpty)
    }

    @Test func jsonIsOneObject() async throws {
        let daemon = try StubDaemon.answering([Self.answer("hello"), Self.done])
        let run = try await run("chat", "--once", "-", "--json", input: "from a pipe", socket: daemon.socketPath)
        let value = try JSONValue(parsing: run.output)
        #expect(run.status == 0 && value["reply"]?.stringValue == "hello" && value["conversation"]?.stringValue == "t1")
        #expect(daemon.requests.contains { $0.body.contains("from a pipe") })
    }

    @Test func aFailedTurnEndsWithOne() async throws {
        let daemon = try StubDaemon.answering([Self.answer("The model cannot be reached.", kind: "notice"), Self.done])
        let run = try await run("chat", "--once", "hi", socket: daemon.socketPath)
        #expect(run.status == 1 && run.output.isEmpty && run.errors.contains("The model cannot be reached."))
    }

    @Test func withoutAPersonAnApprovalIsDeniedAndSaysSo() async throws {
        let approval = StubDaemon.event(
            "approval",
            #"{"id":"a1","tool":"bash","effect":"destructive","arguments":{"command":"rm x"},"reason":"r","requester":"anna","expires":"2026-11-22T15:04:05.000Z","rule":"x","approvers":"an admin","yours":true,"scopes":["once"]}"#
        )
        let daemon = try StubDaemon.answering([approval, Self.answer("I was not allowed."), Self.done])
        let run = try await run("chat", "--once", "hi", socket: daemon.socketPath)
        #expect(run.status == 1 && run.output == "I was not allowed.\n")
        #expect(run.errors.contains("command: rm x") && run.errors.contains("nobody is there to ask"))
        #expect(daemon.requests.contains { $0.target == "/api/approvals/a1" && $0.body == #"{"decision":"deny"}"# })
        let other = try StubDaemon.answering([approval, Self.answer("Removed."), Self.done])
        let allowed = try await self.run("chat", "--once", "hi", "--approve", "allow", socket: other.socketPath)
        #expect(allowed.status == 0 && other.requests.contains { $0.body == #"{"decision":"allow"}"# })
    }

    @Test func whatIsSomebodyElsesToDecideIsWaitedFor() async throws {
        let approval = StubDaemon.event(
            "approval",
            #"{"id":"a1","tool":"bash","effect":"write","arguments":{},"reason":"r","requester":"anna","expires":"x","rule":"x","approvers":"an admin","yours":false,"scopes":[]}"#
        )
        let closed = StubDaemon.event("approval_closed", #"{"id":"a1","outcome":"allowed by ben"}"#)
        let daemon = try StubDaemon.answering([approval, closed, Self.answer("Done."), Self.done])
        let run = try await run("chat", "--once", "hi", "--approve", "allow", socket: daemon.socketPath)
        #expect(run.status == 0 && run.errors.contains("for an admin to answer; waiting"), "\(run)")
        #expect(!daemon.requests.contains { $0.target.hasPrefix("/api/approvals/") })
    }

    @Test func badUsageEndsWithTwo() async throws {
        let daemon = try StubDaemon.answering([])
        for arguments in [["chat", "--bogus"], ["chat", "--json"], ["chat", "--once", " "], ["nonsense"]] {
            let run = try await run(arguments: arguments, socket: daemon.socketPath)
            #expect(run.status == 2 && !run.errors.isEmpty, "\(arguments)")
        }
        let unknown = try await run("chat", "--once", "x", "--channel", "nix", socket: daemon.socketPath)
        #expect(unknown.status == 2 && unknown.errors.contains("There is no channel “nix”"))
        let none = try await run("sessions")
        #expect(none.status == 2 && none.errors.contains("No configuration found"))
    }

    private func run(arguments: [String], socket: String?) async throws -> Run {
        let folder = try TemporaryFolder()
        return try await withCheckedThrowingContinuation { continuation in
            BlockingThread.start {
                continuation.resume(with: Result { try Self.launch(arguments, input: "", socket: socket, folder) })
            }
        }
    }

    @Test func noDaemonEndsWithThree() async throws {
        let run = try await run("chat", "--once", "hi", "--json", socket: "/nonexistent/console.sock")
        #expect(run.status == 3 && run.errors.contains("No Bulkhead daemon answers at /nonexistent/console.sock"))
        #expect(try JSONValue(parsing: run.output)["error"]?["code"]?.stringValue == "daemon_not_running")
    }

    @Test func outOfTimeEndsWithFour() async throws {
        let daemon = try StubDaemon.answering([StubDaemon.event("state", #"{"text":"Thinking"}"#)])
        let run = try await run("chat", "--once", "hi", "--timeout", "0.5", socket: daemon.socketPath)
        #expect(run.status == 4 && run.errors.contains("--thread t1"))
    }

    @Test func linesOfAPipeAreMessages() async throws {
        let daemon = try StubDaemon.answering([Self.answer("hello"), Self.done])
        let run = try await run("chat", input: "one\n\n", socket: daemon.socketPath)
        #expect(run.status == 0 && run.output == "hello\n")
    }

    @Test func aBrokenAuditEndsWithOne() async throws {
        let daemon = try StubDaemon { _ in
            .json(200, #"{"ok":false,"rows":9,"provable_to":4,"problem":"Row 5 was changed."}"#)
        }
        let run = try await run("audit", "verify", socket: daemon.socketPath)
        #expect(run.status == 1 && run.output.contains("Row 5 was changed."))
    }

    @Test func doctorSaysWhatIsWrongAndWhatToDo() async throws {
        let folder = try TemporaryFolder()
        try LocalFile.write(
            Array(
                "data: {directory: data}\nbroker: {socket: \(folder.path)/none.sock}\nruntime: {directory: \(folder.path)}\n"
                    .utf8),
            to: folder.path + "/bulkhead.yaml")
        mkdir(folder.path + "/data", 0o755)
        chmod(folder.path + "/data", 0o755)
        try LocalFile.write(Array("secret".utf8), to: folder.path + "/data/anthropic.key")
        chmod(folder.path + "/data/anthropic.key", 0o644)
        let run = try await run("doctor", "--json", "--config", folder.path + "/bulkhead.yaml")
        let report = try JSONValue(parsing: run.output)
        #expect(run.status == 1 && report["ok"]?.boolValue == false && !run.output.contains("secret"))
        func finding(_ subject: String) -> (state: String, advice: String)? {
            let found = report["findings"]?.arrayValue?.first { $0["subject"]?.stringValue == subject }
            return found.map { ($0["state"]?.stringValue ?? "", $0["advice"]?.stringValue ?? "") }
        }
        #expect(finding("configuration")?.state == "ok")
        #expect(finding("broker")?.state == "fail" && finding("broker")?.advice.contains("bulkhead-broker") == true)
        #expect(finding("data")?.state == "fail" && finding("data")?.advice.contains("chmod 700") == true)
        #expect(finding("model")?.state == "fail" && finding("model")?.advice.contains("chmod 600") == true)
        #expect(finding("daemon")?.state == "warn")
        #expect(finding("cgroups") != nil && finding("Docker Engine") != nil)
    }

    @Test func anUnknownPersonIsAMistakeOfTheCommandLine() async throws {
        let daemon = try StubDaemon { _ in
            .json(404, #"{"error":{"code":"not_found","message":"Nobody is called bob."}}"#)
        }
        let run = try await run("chat", "--once", "hi", "--user", "bob", socket: daemon.socketPath)
        #expect(run.status == 2 && run.errors == "bulkhead: Nobody is called bob.\n")
    }

    @Test func aBadConfigurationEndsWith78() async throws {
        let folder = try TemporaryFolder()
        try LocalFile.write(Array("consol:\n  port: 1\n".utf8), to: folder.path + "/x.yaml")
        let run = try await run("config", "check", folder.path + "/x.yaml")
        #expect(run.status == 78 && run.errors.contains("x.yaml:1") && run.errors.contains("consol"))
        #expect(try await self.run("config", "reference").output.contains("console"))
    }

    @Test func oneSettingCanBeAskedFor() async throws {
        let folder = try TemporaryFolder()
        let file = folder.path + "/x.yaml"
        try LocalFile.write(Array("console:\n  port: 9001\n".utf8), to: file)
        let port = try await run("config", "get", "console.port", "--config", file)
        #expect(port.status == 0 && port.output == "9001\n")
        let memory = try await run("config", "get", "containers.memory", "--config", file)
        #expect(memory.status == 0 && memory.output == "1GiB\n")
        let none = try await run("config", "get", "console.prt", "--config", file)
        #expect(none.status == 2 && none.output.isEmpty && none.errors.contains("no setting console.prt"))
    }
}
