import Foundation

/// A child process of a test. Output goes to files, so that no pipe can fill and no grandchild can keep one open.
final class Command: @unchecked Sendable {
    struct Result {
        var status: Int32
        var output: String
        var errors: String
    }

    // Started in `init`, then only read and signalled.
    private let process = Process()
    private let directory: URL
    private let openInput = Pipe()

    var pid: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }

    init(_ path: String, _ arguments: [String], input: String? = nil, holdsInput: Bool = false) throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("command-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        for name in ["out", "err", "in"] {
            _ = FileManager.default.createFile(
                atPath: directory.appendingPathComponent(name).path,
                contents: name == "in" ? Data((input ?? "").utf8) : nil)
        }
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        // A pipe that is never written to and closes with this object: for programs that serve until their input ends.
        process.standardInput =
            holdsInput ? openInput : try FileHandle(forReadingFrom: directory.appendingPathComponent("in"))
        process.standardOutput = try FileHandle(forWritingTo: directory.appendingPathComponent("out"))
        process.standardError = try FileHandle(forWritingTo: directory.appendingPathComponent("err"))
        try process.run()
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        try? FileManager.default.removeItem(at: directory)
    }

    var output: String { read("out") }
    var errors: String { read("err") }

    /// Waits for the end; kills what takes longer than `limit`.
    func finish(within limit: Duration = .seconds(120)) async -> Result {
        let deadline = ContinuousClock.now + limit
        while process.isRunning {
            if ContinuousClock.now > deadline { kill(pid, SIGKILL) }
            try? await Task.sleep(for: .milliseconds(20))
        }
        return Result(status: process.terminationStatus, output: output, errors: errors)
    }

    func signal(_ number: Int32) {
        kill(pid, number)
    }

    private func read(_ name: String) -> String {
        (try? String(contentsOf: directory.appendingPathComponent(name), encoding: .utf8)) ?? ""
    }

    static func run(_ path: String, _ arguments: [String], input: String? = nil) async throws -> Result {
        try await Command(path, arguments, input: input).finish()
    }
}
