import Console
import Dispatch
import Glibc
import Testing

/// The pages in a real browser, headless Chromium driven by Python: `Tests/Browser/chat.py` says what is looked at.
@Suite struct BrowserTests {
    @Test func chatWorksInChromium() async throws {
        try await TestConsole.run(operations: FakeOperations(), egress: FakeEgress()) { console in
            let ada = try await console.server.loginLink(for: FakeChat.ada)
            let ben = try await console.server.loginLink(for: FakeChat.ben)
            try await runPython("chat.py", [console.base, ada, ben])
        }
    }

    @Test func whoActsForAnotherIsToldSoInChromium() async throws {
        try await TestConsole.run { console in
            let link = try await console.server.loginLink(for: FakeChat.ben, by: FakeChat.ada)
            try await runPython("on_behalf.py", [console.base, link])
        }
    }

    @Test func theTasksPageWorksInChromium() async throws {
        let tasks = FakeTasks()
        try await TestConsole.run(tasks: tasks) { console in
            let link = try await console.server.loginLink(for: FakeChat.ada)
            try await runPython("tasks.py", [console.base, link])
            #expect(tasks.asked.contains("pause t1"))
        }
    }

    private func runPython(_ script: String, _ arguments: [String]) async throws {
        let root = #filePath.split(separator: "/").dropLast(3).reduce("") { $0 + "/" + $1 }
        let python = root + "/.build/peers/bin/python"
        guard access(python, X_OK) == 0 else {
            throw TestFailure("\(python) is missing: scripts/python-peers.sh makes it")
        }
        let status = try await run([python, "\(root)/Tests/Browser/\(script)"] + arguments)
        #expect(status == 0, "the browser's report stands above")
    }

    /// On a thread of its own: the wait blocks, and the server under test needs the others.
    private func run(_ command: [String]) async throws -> Int32 {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async {
                var arguments = command.map { strdup($0) } + [nil]
                defer { for argument in arguments { free(argument) } }
                var child: pid_t = 0
                let failure = posix_spawn(&child, command[0], nil, nil, &arguments, environ)
                guard failure == 0 else {
                    continuation.resume(throwing: TestFailure("cannot start \(command[0]): \(failure)"))
                    return
                }
                var status: Int32 = 0
                while waitpid(child, &status, 0) < 0, errno == EINTR {}
                continuation.resume(returning: status)
            }
        }
    }
}
