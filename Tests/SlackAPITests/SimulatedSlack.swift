import AsyncHTTPClient
import Foundation
import Logging
import MCP
import NIOCore
import NIOHTTP1
import NIOSSL
import SlackAPI
import Testing

/// `Tests/SlackSimulator`, started for one test, with the company ada, ben and cleo, the app `helper` and `#general`.
final class SimulatedSlack: @unchecked Sendable {
    struct Failure: Error {
        let message: String
    }

    let url: String
    private let process: Process
    private let input: Pipe

    init(options: [String] = []) throws {
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

    /// A new simulator with its usual company, gone after `body`.
    static func with<Result>(
        _ world: JSONObject? = nil, options: [String] = [], authority: [UInt8]? = nil,
        _ body: (SimulatedSlack) async throws -> Result
    ) async throws -> Result {
        let slack = try SimulatedSlack(options: options)
        slack.authority = authority
        try await slack.control(
            "POST", "world",
            world ?? [
                "users": ["ada", "ben", "cleo"], "apps": [["name": "helper", "commands": ["/helper"]]],
                "channels": [["name": "general", "members": ["ada", "ben", "cleo"], "apps": ["helper"]]],
            ])
        return try await body(slack)
    }

    /// PEM, to trust where the simulator has a certificate.
    var authority: [UInt8]?

    // MARK: Control

    @discardableResult
    func control(_ method: String, _ path: String, _ body: JSONObject? = nil) async throws -> JSONValue {
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

    func world() async throws -> JSONValue { try await control("GET", "world") }
    func app(_ name: String = "helper") async throws -> JSONValue {
        try #require(try await world()["apps"]?[name])
    }
    func user(_ name: String) async throws -> String {
        try #require(try await world()["users"]?[name]?["id"]?.stringValue)
    }
    func channel(_ name: String = "general") async throws -> String {
        try #require(try await world()["channels"]?[name]?["id"]?.stringValue)
    }

    @discardableResult
    func act(_ user: String, _ verb: String, _ more: JSONObject = [:]) async throws -> JSONValue {
        var body = more
        body["user"] = .string(user)
        body["do"] = .string(verb)
        return try await control("POST", "act", body)
    }

    func fault(_ rule: JSONObject) async throws { try await control("POST", "faults", rule) }

    /// The `count`th entry of the journal that matches, once it is there.
    @discardableResult
    func wait(
        _ kind: String, _ filter: JSONObject = [:], count: Int = 1, after: Int64 = 0
    ) async throws -> JSONValue {
        let answer = try await control(
            "POST", "wait",
            [
                "kind": .string(kind), "where": .object(filter), "count": .int(Int64(count)), "after": .int(after),
                "seconds": 40,
            ])
        return try #require(answer["entries"]?[count - 1])
    }

    func journal(_ kind: String) async throws -> [JSONValue] {
        try await control("GET", "journal?kind=\(kind)")["entries"]?.arrayValue ?? []
    }

    func mark() async throws -> Int64 { try await control("GET", "journal?after=999999999")["last"]?.intValue ?? 0 }

    /// How often a method was called, whatever became of it.
    func calls(_ method: String) async throws -> [JSONValue] {
        try await journal("call").filter { $0["method"]?.stringValue == method }
    }

    func messages(_ channel: String = "general") async throws -> [JSONValue] {
        try await control("GET", "messages?channel=\(channel)")["messages"]?.arrayValue ?? []
    }

    // MARK: Clients

    static let logger = Logger(label: "slack") { _ in SwiftLogNoOpLogHandler() }

    /// With the bot's token, or the app's, or another text of a token's form.
    func client(
        app: String = "helper", token name: String = "bot_token", text: String? = nil,
        limits: SlackLimits = .quick, clock: SlackClock = .system, base: String? = nil
    ) async throws -> SlackClient {
        var secret = text ?? ""
        if text == nil { secret = try await self.app(app)[name]?.stringValue ?? "" }
        let token = try #require(SlackToken(secret), "no token's form: \(secret)")
        return try SlackClient(
            endpoint: try #require(SlackEndpoint(base ?? url + "/api/")), limits: limits, authority: authority,
            clock: clock, logger: Self.logger, token: { token })
    }

    func withClient<Result>(
        token: String = "bot_token", text: String? = nil, limits: SlackLimits = .quick,
        clock: SlackClock = .system, base: String? = nil, _ body: (SlackClient) async throws -> Result
    ) async throws -> Result {
        let client = try await client(token: token, text: text, limits: limits, clock: clock, base: base)
        let result: Swift.Result<Result, any Error>
        do { result = .success(try await body(client)) } catch { result = .failure(error) }
        await client.shutdown()
        return try result.get()
    }
}

extension SlackLimits {
    /// Short waits between tries.
    static var quick: SlackLimits {
        var limits = SlackLimits()
        limits.backoff = Backoff(first: .milliseconds(5), longest: .milliseconds(20))
        return limits
    }
}
