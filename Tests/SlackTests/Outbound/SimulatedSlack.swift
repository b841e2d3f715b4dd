import AsyncHTTPClient
import Foundation
import Logging
import MCP
import NIOCore
import NIOHTTP1
import SlackAPI
import Testing

/// `Tests/SlackSimulator`, started for one test: the company ada, ben and cleo, the app `helper`, `#general`.
final class SimulatedSlack: @unchecked Sendable {
    struct Failure: Error {
        let message: String
    }

    let url: String
    private let process = Process()
    private let input = Pipe()

    init() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let python =
            ProcessInfo.processInfo.environment["BULKHEAD_PEERS_PYTHON"]
            ?? root.appending(path: ".build/peers/bin/python").path
        guard FileManager.default.isExecutableFile(atPath: python) else {
            throw Failure(message: "\(python) is missing: run scripts/python-peers.sh")
        }
        let output = Pipe()
        process.executableURL = URL(filePath: python)
        process.arguments = [root.appending(path: "Tests/SlackSimulator/slack_simulator.py").path]
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        var text = Data()
        while !text.contains(UInt8(ascii: "\n")) {
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw Failure(message: "the simulator does not start") }
            text += more
        }
        let first = String(decoding: text, as: UTF8.self).split(separator: "\n").first ?? ""
        url = String(first.replacing("listening on ", with: ""))
    }

    deinit {
        // It ends when its input does; and if it did not, it would not outlive the test.
        try? input.fileHandleForWriting.close()
        kill(process.processIdentifier, SIGKILL)
    }

    static func started() async throws -> SimulatedSlack {
        let slack = try SimulatedSlack()
        try await slack.control(
            "POST", "world",
            [
                "users": ["ada", "ben", "cleo"], "apps": [["name": "helper"]],
                "channels": [["name": "general", "members": ["ada", "ben", "cleo"], "apps": ["helper"]]],
            ])
        return slack
    }

    @discardableResult
    func control(_ method: String, _ path: String, _ body: JSONObject? = nil) async throws -> JSONValue {
        var request = HTTPClientRequest(url: "\(url)/_sim/\(path)")
        request.method = HTTPMethod(rawValue: method)
        if let body {
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body.serialized()))
        }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
        let bytes = Array(buffer: try await response.body.collect(upTo: 32 << 20))
        guard response.status.code == 200 else {
            throw Failure(message: "\(method) \(path): \(String(decoding: bytes, as: UTF8.self))")
        }
        return try JSONValue(parsing: bytes)
    }

    func fault(_ rule: JSONObject) async throws { try await control("POST", "faults", rule) }

    @discardableResult
    func act(_ user: String, _ verb: String, _ more: JSONObject) async throws -> JSONValue {
        var body = more
        body["user"] = .string(user)
        body["do"] = .string(verb)
        return try await control("POST", "act", body)
    }

    /// The id of something in the world: `id(of: "users", "ada")`.
    func id(of kind: String, _ name: String) async throws -> String {
        try #require(try await control("GET", "world")[kind]?[name]?["id"]?.stringValue)
    }

    /// What the app said there, oldest first.
    func answers(in channel: String) async throws -> [JSONValue] {
        try await control("GET", "messages?channel=\(channel)")["messages"]?.arrayValue?.filter {
            $0["by"] == "app"
        } ?? []
    }

    func calls(of method: String) async throws -> Int {
        try await control("GET", "journal?kind=call")["entries"]?.arrayValue?.count {
            $0["method"]?.stringValue == method
        } ?? 0
    }

    func client(answersWithin limit: Duration = .seconds(20)) async throws -> SlackClient {
        let app = try await control("GET", "world")["apps"]?["helper"]
        let token = try #require(SlackToken(app?["bot_token"]?.stringValue ?? ""))
        var limits = SlackLimits()
        limits.backoff = Backoff(first: .milliseconds(5), longest: .milliseconds(20))
        limits.answer = limit
        return try SlackClient(
            endpoint: try #require(SlackEndpoint(url + "/api/")), limits: limits,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, token: { token })
    }
}
