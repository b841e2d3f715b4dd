import MCP
import Synchronization
import Testing

/// The official Python SDK on the other end, in its newest series and in the last that knows only `initialize`.
@Suite struct PeerTests {
    @Test(arguments: [["stateless", "auto"], ["stateless", "legacy"], ["initialize", "-"]])
    func officialClientsUseOurServer(arguments: [String]) async throws {
        let peer = try PeerProcess("mcp_client.py", arguments[0], arguments[1])
        let tools = EchoTools()
        let server = ServerSession(info: .test, instructions: "for tests", provider: tools, transport: peer.transport)
        tools.onChange { await server.toolsChanged() }
        try await server.run()
        #expect(await peer.wait() == 0)
    }

    @Test(arguments: [("stateless", "2026-07-28"), ("initialize", "2025-11-25")])
    func ourClientUsesOfficialServers(series: String, version: String) async throws {
        let peer = try PeerProcess("mcp_server.py", series)
        let client = ClientSession(info: .test, transport: peer.transport)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await client.run() }
            do {
                try await use(client, version)
            } catch {
                await client.close()
                throw error
            }
            await client.close()
            try await group.waitForAll()
        }
        #expect(await peer.wait() == 0)
    }

    private func use(_ client: ClientSession, _ version: String) async throws {
        let changed = Signal()
        await client.onToolsChanged { changed.fire() }
        let server = try await client.connect(silence: .testPatience)
        #expect(server.info.name == "official")
        #expect(server.instructions == "for tests")
        #expect(server.protocolVersion.rawValue == version)
        #expect(try await client.listTools().map(\.name) == ["echo", "add", "fail", "count", "wait", "change"])

        let text = "line\nquote \" backslash \\ separator \u{2028} emoji \u{1F600} nul \0"
        #expect(try await client.callTool("echo", arguments: ["text": .string(text)]).text == text)
        #expect(try await client.callTool("add", arguments: ["left": 2, "right": 3]).text == "5")
        #expect(try await client.callTool("add", arguments: ["left": "two"]).isError)
        let failed = try await client.callTool("fail")
        #expect(failed.isError && failed.text.contains("failed on purpose"))

        let progress = Recorder<Progress>()
        _ = try await client.callTool("count", arguments: ["to": 5]) { progress.record($0) }
        #expect(progress.all.map(\.value) == [1, 2, 3, 4, 5])
        #expect(progress.all.last?.message == "at 5")

        let started = Signal()
        await withThrowingTaskGroup(of: CallToolResult.self) { group in
            group.addTask { try await client.callTool("wait") { _ in started.fire() } }
            await started.wait()
            group.cancelAll()
            await #expect(throws: CancellationError.self) { try await group.next() }
        }
        _ = try await client.callTool("change")
        await changed.wait()
    }

    /// What our two sides say to each other, in both eras, held against the official schema.
    @Test func allOurMessagesAreValid() async throws {
        let records = Recorder<JSONValue>()
        for version in [ProtocolVersion.stateless, .newestWithInitialize] {
            let (near, far) = InMemoryTransport.pair()
            let transport = RecordingTransport(near, version, records)
            let tools = EchoTools()
            let client = ClientSession(info: .test, transport: transport)
            try await withSession(client, serving: far, tools) { client, _ in
                await client.onToolsChanged {}
                #expect(
                    try await client.connect(silence: .testPatience, probes: version.isStateless).protocolVersion
                        == version)
                _ = try await client.listTools()
                _ = try await client.callTool("echo", arguments: ["text": "valid?"]) { _ in }
                _ = try await client.callTool("echo")
                _ = try await client.callTool("count", arguments: ["to": 2]) { _ in }
                _ = try await client.callTool("change")
                await #expect(throws: MCPError.self) { try await client.callTool("nothing") }
                await withThrowingTaskGroup(of: CallToolResult.self) { group in
                    group.addTask { try await client.callTool("wait") }
                    await tools.waitStarted.wait()
                    group.cancelAll()
                    await #expect(throws: CancellationError.self) { try await group.next() }
                }
            }
        }
        #expect(records.all.count > 30)
        let lines = records.all.map { $0.serialized() }.joined(separator: [0x0A])
        #expect(try await PeerProcess.run("mcp_schema.py", input: Array(lines)) == 0)
    }
}

/// Notes all messages of a client's connection for `mcp_schema.py`.
private final class RecordingTransport: MessageTransport {
    private let base: any MessageTransport
    private let version: ProtocolVersion
    private let records: Recorder<JSONValue>
    private let methods = Mutex<[JSONValue: String]>([:])

    init(_ base: any MessageTransport, _ version: ProtocolVersion, _ records: Recorder<JSONValue>) {
        self.base = base
        self.version = version
        self.records = records
    }

    var messages: MessageBatches {
        let (stream, continuation) = AsyncThrowingStream.makeStream(of: [[UInt8]].self)
        let task = Task {
            for try await batch in base.messages {
                for message in batch { record(message, from: "server") }
                continuation.yield(batch)
            }
            continuation.finish()
        }
        continuation.onTermination = { _ in task.cancel() }
        return MessageBatches(stream)
    }

    nonisolated(nonsending) func send(_ messages: [[UInt8]]) async throws {
        for message in messages { record(message, from: "client") }
        try await base.send(messages)
    }

    func close() { base.close() }

    private func record(_ bytes: [UInt8], from source: String) {
        guard let message = try? JSONValue(parsing: bytes), let object = message.objectValue else {
            Issue.record("not an object: \(String(decoding: bytes, as: UTF8.self))")
            return
        }
        let id = object["id"] ?? .null
        var answers: String?
        methods.withLock { methods in
            if let method = object["method"]?.stringValue { methods[id] = method }
            answers = methods[id]
        }
        records.record([
            "version": .string(version.rawValue), "from": .string(source),
            "answers": answers.map(JSONValue.string) ?? nil, "message": message,
        ])
    }
}
