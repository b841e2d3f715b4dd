import MCP
import Testing

/// Thousands of broken inputs, the same ones in every run. A trap ends the whole test process, so that finishing is what
/// most of these prove; the rest is that answers keep to the protocol.
@Suite struct FuzzTests {
    @Test(arguments: 0..<8)
    func parserNeverTrapsAndTakesOnlyWhatItCanWrite(seed: UInt64) throws {
        var random = SplitMix(seed)
        var taken = 0
        for _ in 0..<2000 {
            var bytes = random.value(depth: 5).serialized()
            random.mutate(&bytes, times: Int(random.next() % 4))
            guard let value = try? JSONValue(parsing: bytes) else { continue }
            taken += 1
            #expect(try JSONValue(parsing: value.serialized()) == value)
            #expect(try JSONValue(parsing: value.canonical()) == value)
            #expect(try JSONValue(parsing: value.prettyText) == value)
        }
        #expect(taken > 250)
    }

    @Test(arguments: 0..<4)
    func parserSurvivesNoise(seed: UInt64) {
        var random = SplitMix(seed)
        for _ in 0..<2000 {
            let alphabet = Array("{}[]:,\"\\u0123d8-+.eE tfn\u{1F600}\n".utf8) + [0, 0x80, 0xFF]
            let bytes = (0..<Int(random.next() % 40)).map { _ in alphabet[Int(random.next() % UInt64(alphabet.count))] }
            _ = try? JSONValue(parsing: bytes)
        }
    }

    @Test(arguments: 0..<4)
    func schemasAndValuesOfAllKindsEnd(seed: UInt64) {
        var random = SplitMix(seed)
        for _ in 0..<2000 {
            guard let validator = try? JSONSchemaValidator(schema: random.schema(depth: 4)) else { continue }
            #expect(validator.validate(random.value(depth: 4)).count <= 20)
        }
    }

    /// Whatever the client says, each answer is one that the protocol allows, and a sane request is answered at the end.
    @Test(arguments: 0..<8)
    func serverKeepsToTheProtocol(seed: UInt64) async throws {
        var random = SplitMix(seed)
        let messages = (0..<1500).map { _ in random.clientMessage() }
        try await withRawClient(limits: SessionLimits(maximumRequestsInFlight: 4096)) { client in
            let transport = client.transport
            async let sent: Void = send(messages, transport)
            var answers = 0
            while let answer = try await client.next() {
                if answer["id"] == "the last" { break }
                answers += 1
                for one in answer.arrayValue ?? [answer] { expectServerMessage(one) }
            }
            try await sent
            #expect(answers > 300)
        }
    }

    private func send(_ messages: [[UInt8]], _ transport: any MessageTransport) async throws {
        for message in messages { try await transport.send(message) }
        try await transport.send((.plain("the last", "ping") as JSONValue).serialized())
    }

    private func expectServerMessage(_ message: JSONValue) {
        let keys = Set(message.objectValue?.keys ?? [])
        #expect(message["jsonrpc"] == "2.0")
        if keys.contains("method") {
            #expect(message["method"]?.stringValue?.hasPrefix("notifications/") == true && !keys.contains("id"))
        } else if keys.contains("error") {
            #expect(keys.isSubset(of: ["jsonrpc", "id", "error"]))
            let known: Set<Int64> = [-32700, -32600, -32601, -32602, -32603, -32022]
            #expect(known.contains(message.errorCode ?? 0))
            #expect(message["error"]?["message"]?.stringValue?.isEmpty == false)
        } else {
            #expect(keys == ["jsonrpc", "id", "result"])
            #expect(message["result"]?.objectValue != nil)
        }
    }

    /// Whatever the server says, the call comes to an end.
    @Test(arguments: 0..<200)
    func clientComesToAnEnd(seed: UInt64) async throws {
        var random = SplitMix(seed)
        let messages = (0..<20).map { _ in random.serverMessage() }
        try await withRawServer { server, client in
            async let connected = outcome { try await client.connect(probes: seed % 2 == 0) }
            async let called = outcome { try await client.callTool("any") { _ in } }
            async let listed = outcome { try await client.listTools() }
            for message in messages { try? await server.transport.send(message) }
            server.transport.close()
            _ = await connected
            _ = await called
            _ = await listed
        }
    }
}

/// Sebastiano Vigna's SplitMix64: small, and the same everywhere.
private struct SplitMix {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func pick<Element>(_ elements: [Element]) -> Element {
        elements[Int(next() % UInt64(elements.count))]
    }

    mutating func value(depth: Int) -> JSONValue {
        switch next() % (depth > 0 ? 8 : 6) {
        case 0: return nil
        case 1: return .bool(next() % 2 == 0)
        case 2: return .int(Int64(bitPattern: next()) >> Int64(next() % 64))
        case 3: return pick([0.5, -1.25e-9, 1e300, 3, -0.1, 9_007_199_254_740_992].map(JSONValue.double))
        case 4, 5:
            return .string(
                pick(["", "a", "é", "\u{1F600}", "\"\\/\n\0\u{2028}", "a long text without anything special in it"]))
        case 6: return .array((0..<Int(next() % 5)).map { _ in value(depth: depth - 1) })
        default:
            let members = (0..<Int(next() % 20)).map {
                ("\(pick(["a", "b", "ключ", "\n"]))\($0)", value(depth: depth - 1))
            }
            return .object(JSONObject(members))
        }
    }

    mutating func schema(depth: Int) -> JSONValue {
        var schema = JSONObject()
        for _ in 0..<Int(next() % 4) {
            let key = pick([
                "type", "enum", "const", "minimum", "maxLength", "minItems", "required", "properties", "items", "anyOf",
                "oneOf",
                "allOf", "additionalProperties", "$ref", "$defs",
            ])
            guard depth > 0, next() % 8 > 0 else {
                schema[key] = value(depth: 2)
                continue
            }
            switch key {
            case "type":
                schema[key] = pick([
                    "string", "integer", "number", "object", "array", "null", "boolean", ["string", "null"], "?",
                ])
            case "properties", "$defs":
                schema[key] = ["a0": self.schema(depth: depth - 1), "b1": self.schema(depth: depth - 1)]
            case "items", "additionalProperties": schema[key] = self.schema(depth: depth - 1)
            case "anyOf", "oneOf", "allOf":
                schema[key] = [self.schema(depth: depth - 1), self.schema(depth: depth - 1)]
            case "$ref": schema[key] = pick(["#", "#/$defs/a0", "#/properties/b1", "#/~0~1~", "https://example.com"])
            case "required": schema[key] = ["a0"]
            case "enum": schema[key] = [value(depth: 2), value(depth: 1)]
            default: schema[key] = .int(Int64(next() % 5))
            }
        }
        return .object(schema)
    }

    // MARK: Messages

    mutating func clientMessage() -> [UInt8] {
        let id = pick(
            [1, 2, "a", nil, 1.5, [], .int(Int64(next() % 1000)), .string("id\(next() % 1000)")] as [JSONValue])
        let method = pick([
            "tools/list", "tools/call", "tools/call", "server/discover", "ping", "initialize",
            "notifications/cancelled",
            "notifications/initialized", "subscriptions/listen", "resources/list", "",
        ])
        var params: JSONObject = [
            "name": pick(["echo", "count", "change", "nothing", 7, nil]), "cursor": pick(["", "x", 7]),
            "arguments": pick([["text": "a"], ["to": 3], [:], [], nil, value(depth: 2)]), "requestId": id,
            "protocolVersion": pick(["2025-11-25", "2025-03-26", "2031-01-01", 1]),
            "notifications": pick([["toolsListChanged": true], [:], 1]), "_meta": pick([.statelessMeta, [:], 1]),
        ]
        for key in params.keys where next() % 4 == 0 { params[key] = nil }
        if next() % 3 == 0 { params["_meta"] = .statelessMeta }
        var message: JSONObject = ["jsonrpc": "2.0", "id": id, "method": .string(method), "params": .object(params)]
        for key in message.keys where next() % 12 == 0 { message[key] = next() % 2 == 0 ? nil : value(depth: 2) }
        let whole: JSONValue = next() % 16 == 0 ? [.object(message), .object(message), 7] : .object(message)
        return mutatedLine(whole)
    }

    mutating func serverMessage() -> [UInt8] {
        let id = pick([1, 2, 3, 4, "tools", nil, 99] as [JSONValue])
        let results: [JSONValue] = [
            [
                "supportedVersions": ["2026-07-28"], "capabilities": ["tools": ["listChanged": true]],
                "resultType": "complete",
            ],
            ["protocolVersion": "2025-11-25", "capabilities": [:], "serverInfo": [:]],
            ["tools": [["name": "a", "inputSchema": ["type": "object"]]], "nextCursor": ""], ["tools": []],
            ["content": [["type": "text", "text": "a"]]], [:], value(depth: 3),
        ]
        var message: JSONObject = ["jsonrpc": "2.0", "id": id]
        switch next() % 6 {
        case 0:
            message["error"] = pick([
                ["code": -32601, "message": "?"], ["code": -32022, "message": "?"], value(depth: 2),
            ])
        case 1:
            message["method"] = pick([
                "notifications/progress", "notifications/tools/list_changed", "ping", "roots/list",
            ])
            message["params"] = ["progressToken": id, "progress": pick([1, 2.5, "3", -1])]
            if next() % 2 == 0 { message["id"] = nil }
        default: message["result"] = pick(results)
        }
        return next() % 8 == 0 ? mutatedLine(.object(message)) : message.serialized()
    }

    private mutating func mutatedLine(_ value: JSONValue) -> [UInt8] {
        var bytes = value.serialized()
        if next() % 4 == 0 { mutate(&bytes, times: 1 + Int(next() % 3)) }
        return bytes.filter { $0 != 0x0A }
    }

    mutating func mutate(_ bytes: inout [UInt8], times: Int) {
        for _ in 0..<times where !bytes.isEmpty {
            let place = Int(next() % UInt64(bytes.count))
            switch next() % 6 {
            case 0: bytes.remove(at: place)
            case 1: bytes.insert(UInt8(truncatingIfNeeded: next()), at: place)
            case 2: bytes[place] ^= 1 << (next() % 8)
            case 3: bytes.removeSubrange(place...)
            case 4: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 20)], at: place)
            default: bytes[place] = pick(Array("{}[]\",:0\\".utf8))
            }
        }
    }
}
