import Glibc
import MCP
import Synchronization

extension Implementation {
    static let test = Implementation(name: "test", version: "1")
}

/// Runs a client and a server session around `body`, and ends both.
func withSession(
    _ client: ClientSession, serving transport: any MessageTransport, _ tools: any ToolProvider = EchoTools(),
    _ body: (ClientSession, ServerSession) async throws -> Void
) async throws {
    let server = ServerSession(info: .test, provider: tools, transport: transport)
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

/// `echo`, `count` (with progress) and `wait` (until cancelled).
final class EchoTools: ToolProvider {
    static let names = ["echo", "count", "wait"]

    let waitStarted = Signal()
    let waitCancelled = Signal()

    func listTools(cursor: String?) async throws -> ToolPage {
        guard cursor == nil else { throw MCPError.invalidParams("no such cursor") }
        return ToolPage(tools: Self.names.map { Tool(name: $0, description: "for tests") })
    }

    func callTool(_ name: String, arguments: JSONObject, context: RequestContext) async throws -> CallToolResult {
        switch name {
        case "echo":
            guard let text = arguments["text"]?.stringValue else { return .failure("echo needs a text") }
            return .text(text)
        case "count":
            let end = arguments["to"]?.intValue ?? 0
            for value in 0..<max(0, end) { context.progress(Double(value + 1), total: Double(end)) }
            return .text("counted")
        case "wait":
            waitStarted.fire()
            await Signal().wait()
            waitCancelled.fire()
            return .text("cancelled")
        default: throw MCPError.invalidParams("unknown tool \(name)")
        }
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

enum DescriptorPair {
    static func make(sockets: Bool) throws -> (DescriptorTransport, DescriptorTransport) {
        if sockets {
            var pair: [CInt] = [0, 0]
            guard socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &pair) == 0 else { throw TransportError.closed }
            return (
                DescriptorTransport(reading: pair[0], writing: pair[0]),
                DescriptorTransport(reading: pair[1], writing: pair[1])
            )
        }
        var there: [CInt] = [0, 0]
        var back: [CInt] = [0, 0]
        guard pipe(&there) == 0, pipe(&back) == 0 else { throw TransportError.closed }
        return (
            DescriptorTransport(reading: back[0], writing: there[1]),
            DescriptorTransport(reading: there[0], writing: back[1])
        )
    }
}
