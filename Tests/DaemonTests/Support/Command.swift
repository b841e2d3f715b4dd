import Foundation
import Synchronization

/// A child process of a test, started and reaped by hand: `Foundation.Process` also waits for grandchildren. Output goes
/// to files, so that no pipe can fill and nobody can keep one open.
final class Command: Sendable {
    struct Result {
        var status: Int32
        var output: String
        var errors: String
    }

    struct Failure: Error {
        var message: String
    }

    let pid: pid_t
    private let directory: String
    /// Kept open for programs that serve until their input ends; -1 where there is none.
    private let input: Int32
    private let ended = Mutex<Int32?>(nil)

    /// `holdsInput`: standard input is a pipe that is never written to.
    init(_ path: String, _ arguments: [String], input text: String? = nil, holdsInput: Bool = false) throws {
        directory = NSTemporaryDirectory() + "command-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        try (text ?? "").write(toFile: directory + "/in", atomically: true, encoding: .utf8)
        var pipeEnds: [Int32] = [-1, -1]
        if holdsInput { pipe(&pipeEnds) }
        input = pipeEnds[1]
        if input >= 0 { _ = fcntl(input, F_SETFD, FD_CLOEXEC) }

        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if holdsInput {
            posix_spawn_file_actions_adddup2(&actions, pipeEnds[0], 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, directory + "/in", O_RDONLY, 0)
        }
        posix_spawn_file_actions_addopen(&actions, 1, directory + "/out", O_WRONLY | O_CREAT, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, directory + "/err", O_WRONLY | O_CREAT, 0o600)
        // Threads of the pool block signals, and a child would inherit that.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

        var words = ([path] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var child: pid_t = 0
        let error = posix_spawn(&child, path, &actions, &attributes, &words, environ)
        if pipeEnds[0] >= 0 { close(pipeEnds[0]) }
        guard error == 0 else {
            throw Failure(message: "\(path) cannot be started: \(String(cString: strerror(error)))")
        }
        pid = child
    }

    deinit {
        if isRunning {
            kill(pid, SIGKILL)
            waitpid(pid, nil, 0)
        }
        if input >= 0 { close(input) }
        try? FileManager.default.removeItem(atPath: directory)
    }

    var isRunning: Bool {
        ended.withLock { ended in
            guard ended == nil else { return false }
            var status: Int32 = 0
            guard waitpid(pid, &status, WNOHANG) == pid else { return true }
            // As a shell says it: the exit status, or 128 and the signal's number.
            ended = status & 0x7F == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F)
            return false
        }
    }

    var output: String { read("out") }
    var errors: String { read("err") }

    /// Waits for the end; kills what takes longer than `limit`.
    func finish(within limit: Duration = .seconds(120)) async -> Result {
        let deadline = ContinuousClock.now + limit
        while isRunning {
            if ContinuousClock.now > deadline { kill(pid, SIGKILL) }
            try? await Task.sleep(for: .milliseconds(10))
        }
        return Result(status: ended.withLock { $0 ?? -1 }, output: output, errors: errors)
    }

    func signal(_ number: Int32) {
        if isRunning { kill(pid, number) }
    }

    private func read(_ name: String) -> String {
        // What is no UTF-8 is shown all the same.
        String(decoding: FileManager.default.contents(atPath: "\(directory)/\(name)") ?? Data(), as: UTF8.self)
    }

    static func run(_ path: String, _ arguments: [String], input: String? = nil) async throws -> Result {
        try await Command(path, arguments, input: input).finish()
    }

    /// A script in bash; throws what it says where it fails.
    @discardableResult static func shell(_ script: String) async throws -> String {
        let result = try await run("/bin/bash", ["-c", script])
        guard result.status == 0 else {
            throw Failure(message: "exit status \(result.status): \(script)\n\(result.output)\(result.errors)")
        }
        return result.output
    }
}
