internal import AsyncHTTPClient
internal import Foundation
package import MCP
internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL

/// `Tests/SlackSimulator` as a process of its own, for one test: whoever lets go of it ends it. Its README says what can be asked
/// of it.
package final class SimulatedSlack: @unchecked Sendable {
    package struct Failure: Error {
        package let message: String

        package init(message: String) { self.message = message }
    }

    /// `http://127.0.0.1:PORT`.
    package let url: String
    private let process: Process
    private let input: Pipe

    package init(options: [String] = []) throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let named = ProcessInfo.processInfo.environment["BULKHEAD_PEERS_PYTHON"]
        let python = named ?? root.appending(path: ".build/peers/bin/python").path
        guard FileManager.default.isExecutableFile(atPath: python) else {
            throw Failure(message: "\(python) is missing: run scripts/python-peers.sh")
        }
        process = Process()
        input = Pipe()
        let output = Pipe()
        process.executableURL = URL(filePath: python)
        process.arguments =
            [root.appending(path: "Tests/SlackSimulator/slack_simulator.py").path] + options
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
        url =
            String(decoding: text, as: UTF8.self).split(separator: "\n").first.map {
                String($0.replacing("listening on ", with: ""))
            } ?? ""
        guard url.hasPrefix("http") else { throw Failure(message: "no address: \(url)") }
    }

    deinit {
        // It ends when its input does; and if it did not, it would not outlive the test.
        try? input.fileHandleForWriting.close()
        kill(process.processIdentifier, SIGKILL)
    }

    /// Ada, ben and cleo, the app `helper`, `#general`.
    package static let company: JSONObject = [
        "users": ["ada", "ben", "cleo"], "apps": [["name": "helper", "commands": ["/helper"]]],
        "channels": [["name": "general", "members": ["ada", "ben", "cleo"], "apps": ["helper"]]],
    ]

    /// A new one with a company in it.
    package static func started(_ world: JSONObject = company) async throws -> SimulatedSlack {
        let slack = try SimulatedSlack()
        try await slack.control("POST", "world", world)
        return slack
    }

    /// A new simulator with its usual company, gone after `body`.
    package static func with<Result>(
        _ world: JSONObject? = nil, options: [String] = [], authority: [UInt8]? = nil,
        _ body: (SimulatedSlack) async throws -> Result
    ) async throws -> Result {
        let slack = try SimulatedSlack(options: options)
        slack.authority = authority
        try await slack.control("POST", "world", world ?? company)
        return try await body(slack)
    }

    /// PEM, to trust where the simulator has a certificate.
    package var authority: [UInt8]?

    // MARK: Control

    @discardableResult
    package func control(_ method: String, _ path: String, _ body: JSONObject? = nil) async throws -> JSONValue {
        var request = HTTPClientRequest(url: "\(url)/_sim/\(path)")
        request.method = HTTPMethod(rawValue: method)
        if let body {
            request.headers.add(name: "content-type", value: "application/json")
            request.body = .bytes(ByteBuffer(bytes: body.serialized()))
        }
        let client = try authority.map(Self.client) ?? HTTPClient.shared
        let answer: (UInt, [UInt8])
        do {
            let response = try await client.execute(request, timeout: .seconds(60))
            answer = (response.status.code, Array(buffer: try await response.body.collect(upTo: 32 << 20)))
        } catch {
            if authority != nil { try await client.shutdown() }
            throw error
        }
        if authority != nil { try await client.shutdown() }
        guard answer.0 == 200 else {
            throw Failure(message: "\(method) \(path): \(answer.0) \(String(decoding: answer.1, as: UTF8.self))")
        }
        return (try? JSONValue(parsing: answer.1)) ?? .string(String(decoding: answer.1, as: UTF8.self))
    }

    private static func client(_ authority: [UInt8]) throws -> HTTPClient {
        var tls = TLSConfiguration.makeClientConfiguration()
        tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(authority))
        return HTTPClient(
            eventLoopGroupProvider: .singleton, configuration: HTTPClient.Configuration(tlsConfiguration: tls))
    }

    package func world() async throws -> JSONValue { try await control("GET", "world") }
    package func app(_ name: String = "helper") async throws -> JSONValue {
        try found(try await world()["apps"]?[name])
    }

    /// The id of something in the world: `id(of: "users", "ada")`.
    package func id(of kind: String, _ name: String) async throws -> String {
        try found(try await world()[kind]?[name]?["id"]?.stringValue)
    }
    package func user(_ name: String) async throws -> String {
        try await id(of: "users", name)
    }
    package func channel(_ name: String = "general") async throws -> String {
        try await id(of: "channels", name)
    }

    private func found<Value>(_ value: Value?) throws -> Value {
        guard let value else { throw Failure(message: "the simulator does not tell of it") }
        return value
    }

    @discardableResult
    package func act(_ user: String, _ verb: String, _ more: JSONObject = [:]) async throws -> JSONValue {
        var body = more
        body["user"] = .string(user)
        body["do"] = .string(verb)
        return try await control("POST", "act", body)
    }

    package func fault(_ rule: JSONObject) async throws { try await control("POST", "faults", rule) }

    /// The `count`th entry of the journal that matches, once it is there.
    @discardableResult
    package func wait(
        _ kind: String, _ filter: JSONObject = [:], count: Int = 1, after: Int64 = 0
    ) async throws -> JSONValue {
        let answer = try await control(
            "POST", "wait",
            [
                "kind": .string(kind), "where": .object(filter), "count": .int(Int64(count)), "after": .int(after),
                "seconds": 40,
            ])
        return try found(answer["entries"]?[count - 1])
    }

    package func journal(_ kind: String) async throws -> [JSONValue] {
        try await control("GET", "journal?kind=\(kind)")["entries"]?.arrayValue ?? []
    }

    package func mark() async throws -> Int64 {
        try await control("GET", "journal?after=999999999")["last"]?.intValue ?? 0
    }

    /// How often a method was called, whatever became of it.
    package func calls(_ method: String) async throws -> [JSONValue] {
        try await journal("call").filter { $0["method"]?.stringValue == method }
    }

    package func messages(_ channel: String = "general") async throws -> [JSONValue] {
        try await control("GET", "messages?channel=\(channel)")["messages"]?.arrayValue ?? []
    }

    /// What the app said there, oldest first.
    package func answers(in channel: String) async throws -> [JSONValue] {
        try await messages(channel).filter { $0["by"] == "app" }
    }

    package func calls(of method: String) async throws -> Int { try await calls(method).count }
}
