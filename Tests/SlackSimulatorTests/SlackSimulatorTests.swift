import Foundation
import Testing

/// The simulated Slack of Tests/SlackSimulator, held against Slack's own SDKs: what they cannot tell from Slack, other tests
/// may rely on. The checks are a Python program, because the SDKs are.
@Suite struct SlackSimulatorTests {
    @Test(.timeLimit(.minutes(5)))
    func slacksOwnSDKsTakeItForSlack() async throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let named = ProcessInfo.processInfo.environment["BULKHEAD_PEERS_PYTHON"]
        let python = named ?? root.appending(path: ".build/peers/bin/python").path
        guard FileManager.default.isExecutableFile(atPath: python) else {
            Issue.record("\(python) is missing: run scripts/python-peers.sh, which installs Slack's SDKs there")
            return
        }
        // A file, not a pipe: nobody has to read it while the program runs.
        let log = FileManager.default.temporaryDirectory.appending(path: "slack-simulator-\(UUID().uuidString).log")
        try Data().write(to: log)
        defer { try? FileManager.default.removeItem(at: log) }
        let output = try FileHandle(forWritingTo: log)
        let process = Process()
        process.executableURL = URL(filePath: python)
        process.arguments = [root.appending(path: "Tests/SlackSimulator/run_tests.py").path]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        let status = try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Int32, any Error>) in
                process.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
                do { try process.run() } catch { continuation.resume(throwing: error) }
            }
        } onCancel: {
            process.terminate()
        }
        let text = String(decoding: try Data(contentsOf: log), as: UTF8.self)
        #expect(status == 0, "\(text)")
        // The program says how many checks it ran: none would be no proof.
        let ran = try #/Ran (\d+) tests/#.firstMatch(in: text).flatMap { Int($0.1) } ?? 0
        #expect(ran > 80, "\(text)")
    }
}
