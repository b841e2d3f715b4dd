import Glibc
import MCP
import Synchronization

extension Implementation {
    static let test = Implementation(name: "test", version: "1")
}

extension Duration {
    /// For waits that end by themselves: a busy machine must not turn a passing test into a failing one.
    static let testPatience = Duration.seconds(600)
}

/// Runs a client and a server session around `body`, and ends both.
func withSession(
    _ client: ClientSession, serving transport: any MessageTransport, _ tools: EchoTools = EchoTools(),
    _ body: (ClientSession, ServerSession) async throws -> Void
) async throws {
    let server = ServerSession(info: .test, provider: tools, transport: transport)
    tools.onChange { await server.toolsChanged() }
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await client.run() }
        group.addTask { try await server.run() }
        do {
            try await body(client, server)
        } catch {
            await client.close()
            throw error
        }
        await client.close()
        try await group.waitForAll()
    }
}

/// Fires once. Waiting ends with it, or when the task is cancelled.
final class Signal: Sendable {
    private let stream: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream() }
    func fire() { continuation.finish() }
    func wait() async { for await _ in stream {} }
}

final class Recorder<Value: Sendable>: Sendable {
    private let values = Mutex<[Value]>([])
    func record(_ value: Value) { values.withLock { $0.append(value) } }
    var all: [Value] { values.withLock { $0 } }
}

/// The other end of a session, played by a test: sends what it likes and sees every message raw.
final class RawPeer {
    let transport: any MessageTransport
    private var batches: MessageBatches.Iterator
    private var received: ArraySlice<[UInt8]> = []

    init(_ transport: any MessageTransport) {
        self.transport = transport
        batches = transport.messages.makeAsyncIterator()
    }

    func send(_ text: String) async throws {
        try await transport.send(Array(text.utf8))
    }

    func send(_ json: JSONValue) async throws {
        try await transport.send(json.serialized())
    }

    /// `nil` once the session has closed.
    func next() async throws -> JSONValue? {
        while received.isEmpty {
            guard let batch = try await batches.next() else { return nil }
            received = batch[...]
        }
        return try JSONValue(parsing: received.removeFirst())
    }

    func ask(_ json: JSONValue) async throws -> JSONValue? {
        try await send(json)
        return try await next()
    }
}

/// A server session with a `RawPeer` as its client.
func withRawClient(
    limits: SessionLimits = .default, _ tools: EchoTools = EchoTools(), _ body: (RawPeer) async throws -> Void
) async throws {
    let (near, far) = InMemoryTransport.pair()
    let server = ServerSession(info: .test, provider: tools, transport: far, limits: limits)
    tools.onChange { await server.toolsChanged() }
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await server.run() }
        defer { near.close() }
        try await body(RawPeer(near))
        near.close()
        try await group.waitForAll()
    }
}

/// A client session with a `RawPeer` as its server. The session's own end is not looked at.
func withRawServer(_ body: (RawPeer, ClientSession) async throws -> Void) async throws {
    let (near, far) = InMemoryTransport.pair()
    let client = ClientSession(info: .test, transport: near)
    try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try? await client.run() }
        defer { far.close() }
        try await body(RawPeer(far), client)
        far.close()
        try await group.waitForAll()
    }
}

extension JSONValue {
    static let statelessMeta: JSONValue = [
        "io.modelcontextprotocol/protocolVersion": "2026-07-28", "io.modelcontextprotocol/clientCapabilities": [:],
    ]

    /// A request of the stateless era.
    static func request(_ id: JSONValue, _ method: String, _ params: JSONObject = [:]) -> JSONValue {
        var params = params
        if params["_meta"] == nil { params["_meta"] = statelessMeta }
        return ["jsonrpc": "2.0", "id": id, "method": .string(method), "params": .object(params)]
    }

    /// A request of the era of `initialize`.
    static func plain(_ id: JSONValue, _ method: String, _ params: JSONObject = [:]) -> JSONValue {
        ["jsonrpc": "2.0", "id": id, "method": .string(method), "params": .object(params)]
    }

    static func initialize(_ version: String = "2025-11-25") -> JSONValue {
        plain(
            0, "initialize",
            [
                "protocolVersion": .string(version), "capabilities": [:],
                "clientInfo": ["name": "raw", "version": "1"],
            ])
    }

    var errorCode: Int64? { self["error"]?["code"]?.intValue }
}

enum DescriptorPair {
    /// Two connected transports, over one socket each or over two pipes.
    static func make(
        sockets: Bool, limits: TransportLimits = .default
    ) throws -> (DescriptorTransport, DescriptorTransport) {
        if sockets {
            let (near, far) = try socketPair()
            return (
                DescriptorTransport(reading: near, writing: near, limits: limits),
                DescriptorTransport(reading: far, writing: far, limits: limits)
            )
        }
        let there = try pipePair()
        let back = try pipePair()
        return (
            DescriptorTransport(reading: back.0, writing: there.1, limits: limits),
            DescriptorTransport(reading: there.0, writing: back.1, limits: limits)
        )
    }

    static func socketPair() throws -> (CInt, CInt) {
        var pair: [CInt] = [0, 0]
        guard socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &pair) == 0 else {
            throw TransportError.closed
        }
        return (pair[0], pair[1])
    }

    static func pipePair() throws -> (CInt, CInt) {
        var pair: [CInt] = [0, 0]
        guard pipe(&pair) == 0 else { throw TransportError.closed }
        return (pair[0], pair[1])
    }
}

/// What came of something that is expected to fail.
func outcome<Value: Sendable>(
    _ body: @Sendable () async throws -> Value
) async -> Result<Value, any Error> {
    do {
        return .success(try await body())
    } catch {
        return .failure(error)
    }
}

extension Result where Failure == any Error {
    var error: (any Error)? {
        if case .failure(let error) = self { error } else { nil }
    }

    var mcpError: MCPError? { error as? MCPError }
}
