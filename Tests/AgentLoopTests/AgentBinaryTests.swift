import CLinux
import Glibc
import MCP
import Testing

/// The real program as a child process, locked as in its container.
@Suite struct AgentBinaryTests {
    /// Beside the test bundle, where the package's build puts all products.
    private static func binary() throws -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let own = String(decoding: buffer[..<max(0, count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let arguments = [own] + CommandLine.arguments
        for path in arguments {
            let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
            if access(folder + "/bulkhead-agent", X_OK) == 0 { return folder + "/bulkhead-agent" }
        }
        throw BinaryMissing(searched: arguments)
    }

    struct BinaryMissing: Error { let searched: [String] }

    private struct Child {
        var process: pid_t
        var input: CInt
        var output: CInt

        init(_ arguments: [String]) throws {
            var toChild: (reading: CInt, writing: CInt) = (-1, -1)
            var fromChild: (reading: CInt, writing: CInt) = (-1, -1)
            try #require(clinux_pipe(&toChild.reading, &toChild.writing) == 0)
            try #require(clinux_pipe(&fromChild.reading, &fromChild.writing) == 0)
            _ = fcntl(toChild.reading, F_SETFL, 0)
            _ = fcntl(fromChild.reading, F_SETFL, 0)
            input = toChild.writing
            output = fromChild.reading
            process = 0
            let path = try AgentBinaryTests.binary()
            var strings: [UnsafeMutablePointer<CChar>?] = ([path] + arguments).map { strdup($0) } + [nil]
            var none: [UnsafeMutablePointer<CChar>?] = [nil]
            var child = clinux_child()
            child.input = toChild.reading
            child.output = fromChild.writing
            child.error = 2
            child.extra = -1
            child.directory = -1
            let status = path.withCString { path in
                strings.withUnsafeMutableBufferPointer { strings in
                    none.withUnsafeMutableBufferPointer { none in
                        child.path = path
                        child.arguments = UnsafePointer(strings.baseAddress)
                        child.environment = UnsafePointer(none.baseAddress)
                        return clinux_spawn(&child, &process)
                    }
                }
            }
            for string in strings { free(string) }
            close(toChild.reading)
            close(fromChild.writing)
            try #require(status == 0)
        }

        func readAll() -> String {
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 4096)
            while true {
                let count = read(output, &buffer, buffer.count)
                guard count > 0 else { break }
                bytes += buffer[..<count]
            }
            close(output)
            return String(decoding: bytes, as: UTF8.self)
        }

        func wait() -> CInt {
            var status: CInt = 0
            waitpid(process, &status, 0)
            return status >> 8 & 0xFF
        }
    }

    @Test func theLockRefusesWhatTheLoopDoesNotNeed() throws {
        let child = try Child(["check-lock"])
        close(child.input)
        let lines = child.readAll().split(separator: "\n")
        #expect(child.wait() == 0)
        #expect(lines.count > 140)
        #expect(!lines.contains { $0.hasPrefix("ALLOWED") || $0.hasPrefix("BROKEN") }, "\(lines)")
        for word in ["execve", "ptrace", "socket AF_INET", "open for writing", "io_uring_setup", "openat2", "fork"] {
            #expect(lines.contains { $0 == "refused \(word)" }, "\(word)")
        }
    }

    /// The control: without the lock the same calls are not refused (their arguments are bad, so they do nothing). Each in a
    /// process of its own, for `unshare` works.
    @Test func withoutTheLockTheSameCallsAreNotRefused() throws {
        try #require(geteuid() == 0, "run as root: others are refused by the kernel")
        for index in 0..<clinux_attempt_count() {
            let child = clinux_fork_attempt(index)
            var status: CInt = 0
            waitpid(child, &status, 0)
            #expect(child > 0 && status >> 8 & 0xFF != EPERM, "\(String(cString: clinux_attempt_name(index)))")
        }
    }

    /// An x32 call kills: another table of calls, which a filter by number would not know.
    @Test func anX32CallKillsTheLockedProcess() throws {
        #if arch(x86_64)
            let child = clinux_fork_locked_x32()
            var status: CInt = 0
            waitpid(child, &status, 0)
            #expect(child > 0 && status & 0x7F == SIGSYS, "\(status)")
        #endif
    }

    @Test func theLockedLoopWorks() async throws {
        let model = try StubModel([
            .events(
                ModelStream.message(
                    [ModelStream.tool(0, id: "t1", name: "bash", json: "{\"command\":\"ls\"}")], stop: "tool_use")),
            StubModel.Answer(bytes: Array(ModelStream.response(ModelStream.answer("cut")).prefix(200))),
            .text("done"),
        ])
        defer { model.close() }
        let child = try Child(["loop", "--door", model.path])
        let harness = FakeHarness(receipts: [FakeHarness.message("go")])
        try await harness.serve(DescriptorTransport(reading: child.output, writing: child.input)) {}
        #expect(await harness.replies == [["text": "done", "in_reply_to": "m1"]])
        #expect(child.wait() == 0)
        #expect(model.requests.count == 3)
    }

    @Test func wrongArgumentsAreAUsageError() throws {
        let child = try Child(["dance"])
        close(child.input)
        #expect(child.readAll().isEmpty)
        #expect(child.wait() == 64)
    }
}
