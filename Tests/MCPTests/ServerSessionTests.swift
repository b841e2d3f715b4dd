import MCP
import Testing

@Suite struct ServerSessionTests {
    // MARK: Eras

    @Test func statelessRequestsNeedNoSetUp() async throws {
        try await withRawClient { client in
            let discovered = try await client.ask(.request("probe", "server/discover"))
            #expect(discovered?["id"] == "probe")
            let result = discovered?["result"]
            #expect(result?["supportedVersions"]?[0] == "2026-07-28")
            #expect(result?["resultType"] == "complete")
            #expect(result?["_meta"]?["io.modelcontextprotocol/serverInfo"]?["name"] == "test")
            let listed = try await client.ask(.request(1, "tools/list"))
            #expect(listed?["result"]?["resultType"] == "complete")
            #expect(listed?["result"]?["ttlMs"] == 0)
            #expect(listed?["result"]?["cacheScope"] == "private")
            let called = try await client.ask(.request(2, "tools/call", ["name": "echo", "arguments": ["text": "a"]]))
            #expect(called?["result"]?["resultType"] == "complete")
            #expect(called?["result"]?["ttlMs"] == nil)
        }
    }

    @Test(arguments: [
        ("2025-11-25", "2025-11-25"), ("2024-11-05", "2024-11-05"), ("2099-01-01", "2025-11-25"),
        ("2026-07-28", "2025-11-25"),
    ])
    func initializeAnswersAVersionBothKnow(asked: String, answered: JSONValue) async throws {
        try await withRawClient { client in
            let response = try await client.ask(.initialize(asked))
            #expect(response?["result"]?["protocolVersion"] == answered)
            #expect(response?["result"]?["resultType"] == nil)
            try await client.send(["jsonrpc": "2.0", "method": "notifications/initialized"])
            let listed = try await client.ask(.plain(1, "tools/list"))
            #expect(listed?["result"]?["tools"]?.arrayValue?.count == 2)
            #expect(listed?["result"]?["ttlMs"] == nil)
            #expect(try await client.ask(.plain(2, "ping"))?["result"] == [:])
            #expect(try await client.ask(.initialize())?.errorCode == -32600)
            #expect(try await client.ask(.plain(3, "server/discover"))?.errorCode == -32601)
            // Both eras may be used on one connection.
            #expect(try await client.ask(.request(4, "tools/list"))?["result"]?["ttlMs"] == 0)
        }
    }

    @Test(
        arguments: [
            (.plain(1, "tools/list"), -32602), (.plain(1, "server/discover"), -32602),
            (.request(1, "tools/list", ["_meta": ["io.modelcontextprotocol/protocolVersion": "2026-07-28"]]), -32602),
            (.request(1, "tools/list", ["_meta": ["io.modelcontextprotocol/clientCapabilities": [:]]]), -32602),
            (.request(1, "tools/list", ["_meta": "2026-07-28"]), -32602),
            (.request(1, "tools/list", ["_meta": ["io.modelcontextprotocol/protocolVersion": 20_260_728]]), -32602),
            (.request(1, "ping"), -32601), (.request(1, "logging/setLevel"), -32601),
            (.request(1, "resources/list"), -32601),
            (.request(1, "tools/list", ["cursor": "unknown"]), -32602),
            (.request(1, "tools/list", ["cursor": 1]), -32602),
            (.request(1, "tools/call", ["name": "nothing"]), -32602), (.request(1, "tools/call"), -32602),
            (.request(1, "tools/call", ["name": 7]), -32602),
            (.request(1, "tools/call", ["name": "echo", "arguments": [1]]), -32602),
            (.request(1, "subscriptions/listen"), -32602),
            (.request(1, "subscriptions/listen", ["notifications": ["toolsListChanged": 1]]), -32602),
            (.plain(1, "initialize"), -32602), (.plain(1, "initialize", ["protocolVersion": 1]), -32602),
        ] as [(JSONValue, Int64)])
    func refusesWithTheCodeOfTheProtocol(request: JSONValue, code: Int64) async throws {
        try await withRawClient { client in
            let response = try await client.ask(request)
            #expect(response?["id"] == 1)
            #expect(response?.errorCode == code)
            #expect(response?["result"] == nil)
        }
    }

    @Test func unsupportedVersionsAreNamed() async throws {
        try await withRawClient { client in
            let meta: JSONValue = [
                "io.modelcontextprotocol/protocolVersion": "1900-01-01",
                "io.modelcontextprotocol/clientCapabilities": [:],
            ]
            let response = try await client.ask(.request(1, "tools/list", ["_meta": meta]))
            #expect(response?.errorCode == -32022)
            #expect(response?["error"]?["data"]?["requested"] == "1900-01-01")
            #expect(response?["error"]?["data"]?["supported"]?[0] == "2026-07-28")
        }
    }

    // MARK: Envelopes

    @Test(
        arguments: [
            ("{", -32700, nil), ("\u{1}", -32700, nil),
            (#"{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}"#, -32700, nil),
            ("1", -32600, nil), ("\"ping\"", -32600, nil), ("[]", -32600, nil),
            (#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#, -32600, nil),
            (#"{"id":1,"method":"ping"}"#, -32600, 1), (#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#, -32600, 1),
            (#"{"jsonrpc":"2.0","id":1,"method":7}"#, -32600, 1),
            (#"{"jsonrpc":"2.0","id":"x","method":"ping","params":[]}"#, -32600, "x"),
            (#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, -32600, nil),
            (#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#, -32600, nil),
            (#"{"jsonrpc":"2.0","id":[1],"method":"ping"}"#, -32600, nil), (#"{"jsonrpc":"2.0","id":1}"#, -32600, 1),
            (#"{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}"#, -32600, 1),
        ] as [(String, Int64, JSONValue?)])
    func whatIsNoMessageGetsAnErrorAndTheConnectionGoesOn(text: String, code: Int64, id: JSONValue?) async throws {
        try await withRawClient { client in
            try await client.send(text)
            let response = try await client.next()
            #expect(response?.errorCode == code)
            #expect(response?["id"] == id)
            #expect(try await client.ask(.plain(9, "ping"))?["result"] == [:])
        }
    }

    @Test func notificationsAndResponsesGetNoAnswer() async throws {
        try await withRawClient { client in
            try await client.send(#"{"jsonrpc":"2.0","method":"notifications/unknown"}"#)
            try await client.send(#"{"jsonrpc":"2.0","method":"tools/list"}"#)
            try await client.send(#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":77}}"#)
            try await client.send(#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":{}}}"#)
            try await client.send(#"{"jsonrpc":"2.0","id":5,"result":{}}"#)
            try await client.send(#"{"jsonrpc":"2.0","id":5,"error":{"code":1,"message":"x"}}"#)
            #expect(try await client.ask(.plain("last", "ping"))?["id"] == "last")
        }
    }

    @Test func batchesAreAnsweredAsOneWhereTheRevisionHasThem() async throws {
        try await withRawClient { client in
            _ = try await client.ask(.initialize("2025-03-26"))
            let response = try await client.ask([
                .plain(1, "ping"), ["jsonrpc": "2.0", "method": "notifications/initialized"], .plain(2, "nothing"), 7,
                .plain(3, "tools/call", ["name": "echo", "arguments": ["text": "a"]]), .initialize(),
            ])
            let answers = try #require(response?.arrayValue)
            #expect(answers.count == 5)
            #expect(Set(answers.compactMap { $0["id"] }) == [0, 1, 2, 3])
            #expect(answers.compactMap(\.errorCode).sorted() == [-32601, -32600, -32600])
            // Nothing to answer, so no answer.
            try await client.send([["jsonrpc": "2.0", "method": "notifications/initialized"]])
            #expect(try await client.ask([])?.errorCode == -32600)
            #expect(try await client.ask(.array(Array(repeating: 1, count: 101)))?.errorCode == -32600)
        }
    }

    // MARK: Requests under way

    @Test func anIDUnderWayIsNotTakenTwice() async throws {
        let tools = EchoTools()
        try await withRawClient(tools) { client in
            try await client.send(.request("same", "tools/call", ["name": "wait"]))
            await tools.waitStarted.wait()
            #expect(try await client.ask(.request("same", "tools/list"))?.errorCode == -32600)
            try await client.send(.request("listen", "subscriptions/listen", ["notifications": [:]]))
            #expect(try await client.next()?["method"] == "notifications/subscriptions/acknowledged")
            #expect(try await client.ask(.request("listen", "tools/list"))?.errorCode == -32600)
        }
        await tools.waitCancelled.wait()
    }

    @Test func aCancelledRequestGetsNoAnswer() async throws {
        let tools = EchoTools()
        try await withRawClient(tools) { client in
            try await client.send(.request(1, "tools/call", ["name": "wait"]))
            await tools.waitStarted.wait()
            try await client.send(["jsonrpc": "2.0", "method": "notifications/cancelled", "params": ["requestId": 1]])
            await tools.waitCancelled.wait()
            #expect(try await client.ask(.request(2, "tools/call", ["name": "echo"]))?["id"] == 2)
            // The id is free again.
            #expect(try await client.ask(.request(1, "tools/list"))?["id"] == 1)
        }
    }

    @Test func progressGrowsAndEndsWithTheResponse() async throws {
        try await withRawClient { client in
            let meta: JSONValue = .object(
                JSONObject(
                    [("progressToken", "token")]
                        + (JSONValue.statelessMeta.objectValue ?? [:]).map { ($0.key, $0.value) }))
            try await client.send(
                .request(1, "tools/call", ["name": "count", "arguments": ["to": 100], "_meta": meta]))
            var last = 0.0
            while let message = try await client.next(), message["id"] == nil {
                #expect(message["method"] == "notifications/progress")
                #expect(message["params"]?["progressToken"] == "token")
                let value = message["params"]?["progress"]?.doubleValue ?? 0
                #expect(value > last)
                last = value
            }
            #expect(last == 100)
            #expect(try await client.ask(.plain(2, "ping"))?["id"] == 2)
        }
    }

    @Test func noProgressWithoutAToken() async throws {
        try await withRawClient { client in
            let call: JSONValue = .request(1, "tools/call", ["name": "count", "arguments": ["to": 9]])
            let answer = try await client.ask(call)
            #expect(answer?["id"] == 1)
        }
    }

    @Test func subscriptionsTellOfChangesUntilCancelled() async throws {
        try await withRawClient { client in
            let wish: JSONObject = ["notifications": ["toolsListChanged": true, "promptsListChanged": true]]
            let acknowledged = try await client.ask(.request(1, "subscriptions/listen", wish))
            #expect(acknowledged?["method"] == "notifications/subscriptions/acknowledged")
            #expect(acknowledged?["params"]?["_meta"]?["io.modelcontextprotocol/subscriptionId"] == 1)
            #expect(acknowledged?["params"]?["notifications"] == ["toolsListChanged": true])
            let changed = try await client.ask(.request(2, "tools/call", ["name": "change"]))
            #expect(changed?["method"] == "notifications/tools/list_changed")
            #expect(changed?["params"]?["_meta"]?["io.modelcontextprotocol/subscriptionId"] == 1)
            #expect(try await client.next()?["id"] == 2)
            try await client.send(["jsonrpc": "2.0", "method": "notifications/cancelled", "params": ["requestId": 1]])
            #expect(try await client.ask(.request(3, "tools/call", ["name": "change"]))?["id"] == 3)
        }
    }

    @Test func subscriptionsAreBounded() async throws {
        try await withRawClient { client in
            for id in 0..<16 as Range<Int64> {
                _ = try await client.ask(.request(.int(id), "subscriptions/listen", ["notifications": [:]]))
            }
            let last = try await client.ask(.request(99, "subscriptions/listen", ["notifications": [:]]))
            #expect(last?.errorCode == -32600)
        }
    }

    @Test func noMoreRunThanMay() async throws {
        let tools = EchoTools()
        try await withRawClient(limits: SessionLimits(maximumRequestsInFlight: 2), tools) { client in
            for id in 1...20 as ClosedRange<Int64> {
                try await client.send(.request(.int(id), "tools/call", ["name": "wait"]))
            }
            await tools.waitStarted.wait()
            // The third call waits for a slot, and everything behind it. Closing ends all of it.
        }
        await tools.waitCancelled.wait()
        #expect((1...2).contains(tools.waits.all.count))
    }

    @Test func cancellingTheSessionEndsItWhereverItWaits() async throws {
        let (near, far) = InMemoryTransport.pair()
        let tools = EchoTools()
        let limits = SessionLimits(maximumRequestsInFlight: 1)
        let server = ServerSession(info: .test, provider: tools, transport: far, limits: limits)
        for id in 1...2 as ClosedRange<Int64> {
            try await RawPeer(near).send(.request(.int(id), "tools/call", ["name": "wait"]))
        }
        await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            await tools.waitStarted.wait()
            group.cancelAll()
            await #expect(throws: CancellationError.self) { try await group.next() }
        }
        await tools.waitCancelled.wait()
        // The transport is closed with it.
        for try await _ in near.messages {}
    }

    @Test func oneLargeRequestRunsAlone() async throws {
        let limits = SessionLimits(maximumBytesInFlight: 1000)
        let tools = EchoTools()
        try await withRawClient(limits: limits, tools) { client in
            let text = JSONValue.string(String(repeating: "a", count: 5000))
            let large: JSONValue = .request(1, "tools/call", ["name": "echo", "arguments": ["text": text]])
            #expect(try await client.ask(large)?["id"] == 1)
            try await client.send(.request(2, "tools/call", ["name": "wait"]))
            await tools.waitStarted.wait()
            // Has to wait for the other, and so for its cancellation, which is never read: closing ends both.
            try await client.send(large)
        }
        await tools.waitCancelled.wait()
    }

    @Test func manyRequestsAreAllAnswered() async throws {
        try await withRawClient(limits: SessionLimits(maximumRequestsInFlight: 4)) { client in
            let count: Int64 = 5000
            let transport = client.transport
            async let sent: Void = sendMany(transport, count)
            var seen = Set<Int64>()
            for _ in 0..<count { seen.insert(try await client.next()?["id"]?.intValue ?? -1) }
            try await sent
            #expect(seen == Set(0..<count))
        }
    }

    private func sendMany(_ transport: any MessageTransport, _ count: Int64) async throws {
        for id in 0..<count {
            let request: JSONValue = .request(.int(id), "tools/call", ["name": "echo", "arguments": ["text": "a"]])
            try await transport.send(request.serialized())
        }
    }
}
