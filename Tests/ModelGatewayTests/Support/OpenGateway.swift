import Foundation
import LeakScan
import MCP
import Model
import Synchronization

@testable import ModelGateway

/// A gateway that serves while `body` runs, with one door that is assigned, and a turn that is open.
struct OpenGateway: Sendable {
    let gateway: ModelGateway
    let journal: Journal
    let waits: Waits
    let path: String
    let compartment = CompartmentID(trusted: "c1")
    let session = ModelSession(
        session: SessionID(trusted: "s1"), conversation: ConversationID(trusted: "v1"),
        channel: ChannelID(trusted: "ch1"), requester: PersonID(trusted: "anna"))

    let turn = ModelGrant(turn: MessageID(trusted: "t1"), calls: 1000, outputTokens: 100_000)

    static func with(
        _ configuration: GatewayConfiguration = .offline, assigned: Bool = true, granted: Bool = true,
        expectedUser: UInt32? = nil,
        realTime: Bool = false, leaks: LeakScreen = LeakScreen(), budget: any ModelBudget = UnlimitedBudget(),
        labels: @escaping @Sendable (SessionID) async throws -> Labels = { _ in [.untrusted, .private] },
        _ body: @Sendable (OpenGateway) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "mg-\(UInt32.random(in: 0 ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let journal = Journal()
        let waits = Waits()
        let gateway = try ModelGateway(
            configuration: configuration, recorder: journal, observer: journal, budget: budget, leaks: leaks,
            clock: realTime ? .system : waits.clock, labels: labels)
        let open = OpenGateway(
            gateway: gateway, journal: journal, waits: waits, path: folder.appending(path: "model.sock").path)
        try await gateway.open(
            door: try UnixAddress.listen(at: open.path), compartment: open.compartment, expectedUser: expectedUser)
        if assigned { await gateway.assign(open.compartment, to: open.session) }
        if granted { await gateway.grant(open.turn, to: open.session.session) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await gateway.run() }
            try await body(open)
            group.cancelAll()
        }
    }

    /// Anthropic's API as the simulator plays it.
    static func with(
        scenario: String, change: @Sendable (inout AnthropicConfiguration) -> Void = { _ in },
        limits: GatewayLimits = GatewayLimits(), key: ProviderKey? = .apiKey("sk-test"), realTime: Bool = false,
        leaks: LeakScreen = LeakScreen(), budget: any ModelBudget = UnlimitedBudget(),
        _ body: @Sendable (OpenGateway, Simulator, _ instance: String) async throws -> Void
    ) async throws {
        let simulator = try await Simulator.start()
        let instance = "i\(UInt64.random(in: 0 ... .max))"
        var anthropic = AnthropicConfiguration(baseURL: simulator.url(scenario, instance)) { key }
        change(&anthropic)
        var configuration = GatewayConfiguration.anthropic(anthropic)
        configuration.limits = limits
        try await with(configuration, realTime: realTime, leaks: leaks, budget: budget) {
            try await body($0, simulator, instance)
        }
    }

    /// A server of the chat completions API as its simulator plays it.
    static func with(
        openAI scenario: String, change: @Sendable (inout OpenAIConfiguration) -> Void = { _ in },
        key: String? = "sk-test", realTime: Bool = false,
        _ body: @Sendable (OpenGateway, Simulator, _ instance: String) async throws -> Void
    ) async throws {
        let simulator = try await Simulator.startOpenAI()
        let instance = "i\(UInt64.random(in: 0 ... .max))"
        var server = OpenAIConfiguration(baseURL: simulator.url(scenario, instance) + "/v1") { key }
        change(&server)
        let target = ModelTarget(provider: "local", model: "qwen")
        let configuration = GatewayConfiguration(
            tiers: [.fast: target, .balanced: target, .best: target], providers: ["local": .openAI(server)])
        try await with(configuration, realTime: realTime) { try await body($0, simulator, instance) }
    }

    func connect() throws -> BlockingSocket { try BlockingSocket(unix: path) }

    static func request(
        _ body: JSONValue, path: String = "/v1/messages", headers: [String: String] = [:]
    ) -> [UInt8] {
        request(body.serialized(), path: path, headers: headers)
    }

    static func request(
        _ body: [UInt8], path: String = "/v1/messages", method: String = "POST", headers: [String: String] = [:]
    ) -> [UInt8] {
        var head = "\(method) \(path) HTTP/1.1\r\nhost: model\r\ncontent-length: \(body.count)\r\n"
        for (name, value) in ["anthropic-version": "2023-06-01"].merging(headers, uniquingKeysWith: { $1 }) {
            head += "\(name): \(value)\r\n"
        }
        return Array((head + "\r\n").utf8) + body
    }

    func ask(_ body: JSONValue, path: String = "/v1/messages", headers: [String: String] = [:]) async throws
        -> HTTPReply
    {
        let socket = try connect()
        try await socket.send(Self.request(body, path: path, headers: headers))
        return try await socket.readReply()
    }

    func ask(raw: [UInt8]) async throws -> HTTPReply {
        let socket = try connect()
        try await socket.send(raw)
        return try await socket.readReply()
    }
}

/// A small request; `with` adds or replaces members.
func question(_ text: String = "hello", stream: Bool = false, with extra: JSONObject = [:]) -> JSONValue {
    var body: JSONObject = [
        "model": "bulkhead", "max_tokens": 1000, "messages": [["role": "user", "content": .string(text)]],
    ]
    if stream { body["stream"] = true }
    for (name, value) in extra { body[name] = value }
    return .object(body)
}
