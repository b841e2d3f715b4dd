import MCP
import Testing

@Suite struct ClientSessionTests {
    // MARK: Connecting

    @Test func clientAndServerOfThisModuleSpeakTheStatelessEra() async throws {
        let (near, far) = InMemoryTransport.pair()
        try await withSession(ClientSession(info: .test, transport: near), serving: far) { client, _ in
            let server = try await client.connect(silence: .testPatience)
            #expect(server.protocolVersion == .stateless)
            #expect(server.info == .test)
            #expect(try await client.listTools().map(\.name) == EchoTools.names)
            #expect(try await client.callTool("echo", arguments: ["text": "hello"]) == .text("hello"))
        }
    }

    @Test(arguments: [-32601, -32602, -32603, -32000, 1, 2, 3])
    func anyErrorOfTheProbeMeansInitialize(code: Int64) async throws {
        try await withRawServer { server, client in
            async let connected = client.connect()
            let probe = try await server.next()
            #expect(probe?["method"] == "server/discover")
            #expect(probe?["params"]?["_meta"]?["io.modelcontextprotocol/protocolVersion"] == "2026-07-28")
            try await server.send([
                "jsonrpc": "2.0", "id": probe?["id"] ?? 0, "error": ["code": .int(code), "message": "?"],
            ])
            try await acceptInitialize(server)
            #expect(try await connected.protocolVersion == .newestWithInitialize)
        }
    }

    @Test func silenceMeansInitialize() async throws {
        try await withRawServer { server, client in
            async let connected = client.connect(silence: .zero)
            #expect(try await server.next()?["method"] == "server/discover")
            try await acceptInitialize(server)
            #expect(try await connected.info.name == "raw")
            // Nothing of the stateless era in what follows.
            async let tools = client.listTools()
            let request = try await server.next()
            #expect(request?["params"] == nil)
            try await server.send(["jsonrpc": "2.0", "id": request?["id"] ?? 0, "result": ["tools": []]])
            #expect(try await tools.isEmpty)
        }
    }

    @Test func aServerThatWasOnlySlowIsAskedAgain() async throws {
        try await withRawServer { server, client in
            async let connected = client.connect(silence: .zero)
            _ = try await server.next()
            let initialize = try await server.next()
            #expect(initialize?["method"] == "initialize")
            try await server.send([
                "jsonrpc": "2.0", "id": initialize?["id"] ?? 0,
                "error": [
                    "code": -32022, "message": "?", "data": ["supported": ["2026-07-28"], "requested": "2025-11-25"],
                ],
            ])
            let probe = try await server.next()
            #expect(probe?["method"] == "server/discover")
            try await server.send([
                "jsonrpc": "2.0", "id": probe?["id"] ?? 0,
                "result": ["resultType": "complete", "supportedVersions": ["2026-07-28"], "capabilities": [:]],
            ])
            #expect(try await connected.protocolVersion == .stateless)
        }
    }

    @Test func aServerOfALaterEraAloneIsAnError() async throws {
        try await withRawServer { server, client in
            async let connected = outcome { try await client.connect(silence: .testPatience) }
            let probe = try await server.next()
            try await server.send([
                "jsonrpc": "2.0", "id": probe?["id"] ?? 0,
                "error": [
                    "code": -32022, "message": "?", "data": ["supported": ["2031-01-01"], "requested": "2026-07-28"],
                ],
            ])
            let error = await connected.mcpError
            #expect(error?.code == .unsupportedProtocolVersion)
        }
    }

    @Test func anUnknownVersionInInitializeIsAnError() async throws {
        try await withRawServer { server, client in
            async let connected = outcome { try await client.connect(probes: false) }
            let request = try await server.next()
            try await server.send([
                "jsonrpc": "2.0", "id": request?["id"] ?? 0, "result": ["protocolVersion": "1999-01-01"],
            ])
            let error = await connected.mcpError
            #expect(error?.code == .badAnswer && error?.isLocal == true)
        }
    }

    private func acceptInitialize(_ server: RawPeer) async throws {
        let initialize = try await server.next()
        #expect(initialize?["method"] == "initialize")
        #expect(initialize?["params"]?["protocolVersion"] == "2025-11-25")
        #expect(initialize?["params"]?["_meta"] == nil)
        try await server.send([
            "jsonrpc": "2.0", "id": initialize?["id"] ?? 0,
            "result": [
                "protocolVersion": "2025-11-25", "capabilities": ["tools": [:]],
                "serverInfo": ["name": "raw", "version": "1"],
            ],
        ])
        #expect(try await server.next()?["method"] == "notifications/initialized")
    }

    // MARK: Calls

    @Test func unknownToolIsAnErrorAndAToolsOwnFailureIsAResult() async throws {
        let (near, far) = InMemoryTransport.pair()
        try await withSession(ClientSession(info: .test, transport: near), serving: far) { client, _ in
            _ = try await client.connect(silence: .testPatience)
            let error = await #expect(throws: MCPError.self) { try await client.callTool("nothing") }
            #expect(error?.code == .invalidParams && error?.isLocal == false)
            #expect(try await client.callTool("echo").isError)
        }
    }

    @Test func progressArrivesInOrderAndBeforeTheResult() async throws {
        let (near, far) = InMemoryTransport.pair()
        let reports = Recorder<Double>()
        try await withSession(ClientSession(info: .test, transport: near), serving: far) { client, _ in
            _ = try await client.connect(silence: .testPatience)
            _ = try await client.callTool("count", arguments: ["to": 3]) { reports.record($0.value) }
            #expect(reports.all.last == 3)
        }
        #expect(reports.all == reports.all.sorted())
    }

    @Test func progressThatDoesNotGrowOrComesTooLateIsDropped() async throws {
        try await withRawServer { server, client in
            let reports = Recorder<Double>()
            async let result = client.callTool("any") { reports.record($0.value) }
            let request = try await server.next()
            let token = request?["params"]?["_meta"]?["progressToken"] ?? 0
            for value in [1, 3, 2, 3, 4] as [JSONValue] { try await report(server, token, value) }
            try await report(server, "other token", 9)
            try await report(server, token, "five")
            try await server.send(["jsonrpc": "2.0", "id": request?["id"] ?? 0, "result": ["content": []]])
            try await report(server, token, 10)
            _ = try await result
            _ = try await client.ping(server)
            #expect(reports.all == [1, 3, 4])
        }
    }

    private func report(_ server: RawPeer, _ token: JSONValue, _ value: JSONValue) async throws {
        try await server.send([
            "jsonrpc": "2.0", "method": "notifications/progress",
            "params": ["progressToken": token, "progress": value],
        ])
    }

    @Test func cancellingACallCancelsTheTool() async throws {
        let (near, far) = InMemoryTransport.pair()
        let tools = EchoTools()
        try await withSession(ClientSession(info: .test, transport: near), serving: far, tools) { client, _ in
            _ = try await client.connect(silence: .testPatience)
            await withThrowingTaskGroup(of: CallToolResult.self) { group in
                group.addTask { try await client.callTool("wait") }
                await tools.waitStarted.wait()
                group.cancelAll()
                await #expect(throws: CancellationError.self) { try await group.next() }
            }
            await tools.waitCancelled.wait()
            #expect(try await client.callTool("echo", arguments: ["text": "on"]) == .text("on"))
        }
    }

    @Test func aCallThatTakesTooLongIsCancelled() async throws {
        try await withRawServer { server, client in
            async let call = outcome { try await client.callTool("slow", timeout: .zero) }
            let request = try await server.next()
            let error = await call.mcpError
            #expect(error?.code == .requestTimedOut && error?.isLocal == true)
            let cancelled = try await server.next()
            #expect(cancelled?["method"] == "notifications/cancelled")
            #expect(cancelled?["params"]?["requestId"] == request?["id"])
            // Too late, and nobody minds.
            try await server.send(["jsonrpc": "2.0", "id": request?["id"] ?? 0, "result": ["content": []]])
            _ = try await client.ping(server)
        }
    }

    @Test(
        arguments: [
            ["content": "text"], ["content": [7]], ["resultType": "input_required", "requestState": "x"],
            ["resultType": "unheard of", "content": []], ["resultType": 7, "content": []],
        ] as [JSONValue])
    func aBadResultIsAnErrorOfTheCallAlone(result: JSONValue) async throws {
        try await withRawServer { server, client in
            async let call = outcome { try await client.callTool("bad") }
            let request = try await server.next()
            try await server.send(["jsonrpc": "2.0", "id": request?["id"] ?? 0, "result": result])
            let error = await call.mcpError
            #expect(error?.code == .badAnswer && error?.isLocal == true)
            _ = try await client.ping(server)
        }
    }

    @Test func aListWithoutEndIsAnError() async throws {
        try await withRawServer { server, client in
            async let tools = outcome { try await client.listTools() }
            let answering = Task { [transport = server.transport] in
                // One page after the other, each with the same cursor.
                for try await batch in transport.messages {
                    for message in batch {
                        let id = try JSONValue(parsing: message)["id"] ?? 0
                        let page: JSONValue = ["jsonrpc": "2.0", "id": id, "result": ["tools": [], "nextCursor": ""]]
                        try await transport.send(page.serialized())
                    }
                }
            }
            let error = await tools.mcpError
            #expect(error?.code == .badAnswer)
            answering.cancel()
        }
    }

    @Test func changesOfToolsAreToldInBothEras() async throws {
        for probes in [true, false] {
            let (near, far) = InMemoryTransport.pair()
            let changed = Signal()
            try await withSession(ClientSession(info: .test, transport: near), serving: far) { client, _ in
                await client.onToolsChanged { changed.fire() }
                _ = try await client.connect(silence: .testPatience, probes: probes)
                _ = try await client.callTool("change")
                await changed.wait()
            }
        }
    }

    // MARK: The server's side

    @Test func requestsOfTheServerAreAnswered() async throws {
        try await withRawServer { server, client in
            let pong = try await client.ping(server)
            #expect(pong?["result"] == [:])
            #expect(try await server.ask(.plain("s", "sampling/createMessage"))?.errorCode == -32601)
            #expect(try await server.ask(.plain("r", "roots/list"))?["id"] == "r")
        }
    }

    @Test(arguments: [
        "{", "[]", "7", "{}", #"{"jsonrpc":"2.0","id":1,"result":7}"#, #"{"jsonrpc":"2.0","id":{},"result":{}}"#,
        "no protocol",
    ])
    func aServerThatDoesNotSpeakTheProtocolIsLeft(text: String) async throws {
        try await withRawServer { server, client in
            async let call = outcome { try await client.callTool("any") }
            _ = try await server.next()
            try await server.send(text)
            let error = await call.mcpError
            #expect(error?.code == .connectionClosed && error?.isLocal == true)
            #expect(try await server.next() == nil)
            await #expect(throws: MCPError.self) { try await client.callTool("any") }
        }
    }

    @Test func whenTheServerGoesAllCallsEnd() async throws {
        try await withRawServer { server, client in
            async let first = outcome { try await client.callTool("any") }
            async let second = outcome { try await client.callTool("any") }
            _ = try await server.next()
            _ = try await server.next()
            server.transport.close()
            #expect(await first.mcpError != nil)
            #expect(await second.mcpError != nil)
        }
    }
}

extension ClientSession {
    /// A ping of the server: once it is answered, the client has read all that came before.
    fileprivate nonisolated func ping(_ server: RawPeer) async throws -> JSONValue? {
        try await server.ask(.plain("ping", "ping"))
    }
}
