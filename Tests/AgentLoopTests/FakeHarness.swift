import AgentLoop
import MCP

/// The harness's side of the agent's protocol, in memory: hands out receipts, answers tools, collects replies. When it
/// has nothing left to say, `finished` ends.
actor FakeHarness: ToolProvider {
    private var receipts: [JSONValue]
    private var polled: [JSONValue]
    private var tools: [String]
    private let answer: @Sendable (String, JSONObject) async -> CallToolResult
    private(set) var replies: [JSONObject] = []
    private(set) var calls: [(name: String, arguments: JSONObject)] = []
    private let (finishedStream, finish) = AsyncStream.makeStream(of: Void.self)

    /// `receipts` for calls that wait, `polled` for those between model calls (then empty).
    init(
        receipts: [JSONValue], polled: [JSONValue] = [], tools: [String] = ["receive", "reply", "bash"],
        answer: @escaping @Sendable (String, JSONObject) async -> CallToolResult = { _, _ in .text("ok") }
    ) {
        self.receipts = receipts
        self.polled = polled
        self.tools = tools
        self.answer = answer
    }

    static func message(_ text: String, id: String = "m1", kind: String = "message") -> JSONValue {
        [
            "messages": [
                [
                    "id": .string(id), "from": "Anna", "at": "now", "text": .string(text), "kind": .string(kind),
                    "attachments": [],
                ]
            ]
        ]
    }

    /// Waits until everything was handed out and the agent asks for more.
    nonisolated func finished() async { for await _ in finishedStream {} }

    func offer(_ tools: [String]) { self.tools = tools }

    nonisolated(nonsending) func listTools(cursor: String?) async throws -> ToolPage { await page }

    private var page: ToolPage { ToolPage(tools: tools.map { Tool(name: $0, description: "for tests") }) }

    nonisolated(nonsending) func callTool(
        _ name: String, arguments: JSONObject, context: RequestContext
    ) async throws -> CallToolResult {
        switch name {
        case "receive":
            guard let receipt = await next(waits: arguments["wait"]?.boolValue ?? true) else {
                // Nothing more will come: like a real harness, wait until the connection ends.
                let (never, _) = AsyncStream.makeStream(of: Void.self)
                for await _ in never {}
                return .failure("ended")
            }
            return .structured(receipt.objectValue ?? [:])
        case "reply":
            await note(reply: arguments)
            return .text("delivered")
        case "vanished": throw MCPError.internalError("it exploded")
        default:
            await note(call: name, arguments)
            return await answer(name, arguments)
        }
    }

    private func next(waits: Bool) -> JSONValue? {
        guard waits else { return polled.isEmpty ? ["messages": []] : polled.removeFirst() }
        guard receipts.isEmpty else { return receipts.removeFirst() }
        finish.finish()
        return nil
    }

    private func note(reply: JSONObject) { replies.append(reply) }
    private func note(call: String, _ arguments: JSONObject) { calls.append((call, arguments)) }
}

extension FakeHarness {
    /// Serves an agent in this process until it has done all there is to do.
    nonisolated func serve(door: any ModelDoor, pauses: PauseRecorder = PauseRecorder()) async throws {
        let (ours, theirs) = InMemoryTransport.pair()
        let loop = AgentLoop(harness: theirs, door: door, pause: { pauses.note($0) }, log: { _ in })
        try await serve(ours) { try await loop.run() }
    }

    nonisolated func serve(
        _ transport: any MessageTransport, agent: @escaping @Sendable () async throws -> Void
    ) async throws {
        let server = ServerSession(
            info: Implementation(name: "harness", version: "1"), provider: self, transport: transport)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            group.addTask { try await agent() }
            await finished()
            transport.close()
            try await group.waitForAll()
        }
    }
}
