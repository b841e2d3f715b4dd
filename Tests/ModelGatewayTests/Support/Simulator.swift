import Foundation
import MCP

/// A script of Tests/Simulators, one process for all tests. It ends when this process does: it reads its standard input to
/// the end.
final class Simulator: Sendable {
    let port: UInt16
    /// Kept open.
    private let input: Pipe

    private static let anthropic = Task { try await Simulator("anthropic_simulator.py") }
    private static let openAI = Task { try await Simulator("openai_simulator.py") }

    static func start() async throws -> Simulator { try await anthropic.value }
    static func startOpenAI() async throws -> Simulator { try await openAI.value }

    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private init(_ script: String) async throws {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["python3", Self.root.appending(path: "Tests/Simulators/\(script)").path]
        let output = Pipe()
        let input = Pipe()
        process.standardOutput = output
        process.standardInput = input
        try process.run()
        self.input = input
        let line = try await onThread { String(decoding: output.fileHandleForReading.availableData, as: UTF8.self) }
        guard let text = line.trimmingCharacters(in: .whitespacesAndNewlines).split(separator: ":").last,
            let port = UInt16(text)
        else { throw BlockingSocket.Failure(what: "the simulator did not start (python3 is needed): \(line)") }
        self.port = port
    }

    func url(_ scenario: String, _ instance: String) -> String {
        "http://127.0.0.1:\(port)/scenario/\(scenario)/\(instance)"
    }

    /// What the instance was asked so far.
    func requests(_ instance: String) async throws -> [JSONValue] {
        try await control("requests?instance=\(instance)").json.arrayValue ?? []
    }

    /// Whether it happened within ten seconds.
    func wait(for event: String, _ instance: String) async throws -> Bool {
        try await control("wait?instance=\(instance)&event=\(event)&seconds=10").status == 200
    }

    private func control(_ path: String) async throws -> HTTPReply {
        let socket = try BlockingSocket(loopbackPort: port)
        try await socket.send(Array("GET /control/\(path) HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n".utf8))
        return try await socket.readReply()
    }
}
