import MCP
import Testing

@Suite struct SessionTests {
    @Test func clientAndServerOfThisModuleSpeakTheStatelessEra() async throws {
        let (near, far) = InMemoryTransport.pair()
        try await withSession(ClientSession(info: .test, transport: near), serving: far) { client, _ in
            let server = try await client.connect()
            #expect(server.protocolVersion == .stateless)
            #expect(server.info == .test)
            #expect(try await client.listTools().map(\.name) == EchoTools.names)
            let result = try await client.callTool("echo", arguments: ["text": "hello"])
            #expect(result == .text("hello"))
        }
    }

    @Test func unknownToolIsAnErrorAndAToolsOwnFailureIsAResult() async throws {
        let (near, far) = InMemoryTransport.pair()
        try await withSession(ClientSession(info: .test, transport: near), serving: far) { client, _ in
            _ = try await client.connect()
            let error = await #expect(throws: MCPError.self) { try await client.callTool("nothing") }
            #expect(error?.code == .invalidParams)
            #expect(try await client.callTool("echo").isError)
        }
    }

    @Test func progressArrivesInOrderAndBeforeTheResult() async throws {
        let (near, far) = InMemoryTransport.pair()
        let reports = Recorder<Double>()
        try await withSession(ClientSession(info: .test, transport: near), serving: far) { client, _ in
            _ = try await client.connect()
            _ = try await client.callTool("count", arguments: ["to": 3]) { reports.record($0.value) }
        }
        let values = reports.all
        #expect(values.last == 3)
        #expect(values == values.sorted())
    }

    @Test func cancellingACallCancelsTheTool() async throws {
        let (near, far) = InMemoryTransport.pair()
        let tools = EchoTools()
        try await withSession(ClientSession(info: .test, transport: near), serving: far, tools) { client, _ in
            _ = try await client.connect()
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

    @Test(arguments: [true, false])
    func descriptorsCarryASession(socket: Bool) async throws {
        let (near, far) = try DescriptorPair.make(sockets: socket)
        try await withSession(ClientSession(info: .test, transport: near), serving: far) { client, _ in
            _ = try await client.connect()
            let long = String(repeating: "long ", count: 300_000)
            #expect(try await client.callTool("echo", arguments: ["text": .string(long)]).text == long)
        }
    }

    @Test(arguments: [true, false])
    func closingEndsABlockedReaderAndItsPeer(socket: Bool) async throws {
        let (near, far) = try DescriptorPair.make(sockets: socket)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { for try await _ in near.messages {} }
            group.addTask { for try await _ in far.messages {} }
            near.close()
            try await group.waitForAll()
        }
    }
}
