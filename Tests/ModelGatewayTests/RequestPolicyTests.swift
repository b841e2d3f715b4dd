import MCP
import NIOCore
import NIOHTTP1
import Testing

@testable import ModelGateway

/// What may go on to a provider, and what may not. Each refusal names the place.
@Suite struct RequestPolicyTests {
    private static func decode(
        _ body: JSONValue, headers: HTTPHeaders = [:], target: RequestTarget = .messages
    ) throws(APIError) -> MessagesRequest {
        try decode(body.serialized(), headers: headers, target: target)
    }

    private static func decode(
        _ body: [UInt8], headers: HTTPHeaders = [:], target: RequestTarget = .messages
    ) throws(APIError) -> MessagesRequest {
        let head = HTTPRequestHead(version: .http1_1, method: .POST, uri: "/v1/messages", headers: headers)
        return try MessagesRequest(
            DoorRequest(head: head, body: ByteBuffer(bytes: body)), target: target,
            grantedBetas: GatewayConfiguration.harmlessBetas, limits: GatewayLimits())
    }

    private static func message(_ block: JSONValue) -> JSONObject {
        ["messages": [["role": "user", "content": [block]]]]
    }

    private static func inResult(_ block: JSONValue) -> JSONObject {
        message(["type": "tool_result", "tool_use_id": "t", "content": [block]])
    }

    @Test(
        arguments: [
            // Tools the provider would run.
            (["tools": [["type": "web_search_20250305", "name": "web_search"]]], "tools[0].type"),
            (["tools": [["name": "a"], ["type": "code_execution_20250825", "name": "x"]]], "tools[1].type"),
            (["tools": [["type": "web_fetch_20260318", "name": "x"]]], "tools[0].type"),
            (["tools": [["type": "mcp_toolset", "name": "x"]]], "tools[0].type"),
            (["tools": [["type": "bash_2025012x", "name": "x"]]], "tools[0].type"),
            (["tools": [["type": "bash_20250124x", "name": "x"]]], "tools[0].type"),
            (["tools": [["type": 1, "name": "x"]]], "tools[0].type"),
            (["tools": [["name": "x", "allowed_callers": ["direct", "code_execution_20250825"]]]], "allowed_callers"),
            (["tools": [["name": "x", "mcp_server_name": "m"]]], "tools[0].mcp_server_name"),
            (["tools": [["name": ""]]], "tools[0].name"), (["tools": [[]]], "tools[0]"), (["tools": "all"], "tools"),
            // Servers, places and state of the provider's.
            (["mcp_servers": [["type": "url", "url": "https://x", "name": "x"]]], "mcp_servers"),
            (["container": "c_1"], "container"), (["container": ["skills": []]], "container"),
            (["thread": ["type": "create"]], "thread"), (["diagnostics": ["previous_message_id": "m"]], "diagnostics"),
            (["fallbacks": "default"], "fallbacks"), (["fallback_credit_token": "t"], "fallback_credit_token"),
            (["compaction": [:]], "compaction"), (["context_management": ["edits": []]], "context_management"),
            (["billing_policy": ["type": "billing_policy"]], "billing_policy"),
            (["inference_geo": "us"], "inference_geo"),
            (["user_profile_id": "p"], "user_profile_id"), (["workspace_id": "w"], "workspace_id"),
            (["betas": ["x"]], "betas"), (["anthropic_beta": ["x"]], "anthropic_beta"), (["store": true], "store"),
            (["speed": "fast"], "speed"), (["service_tier": "priority"], "service_tier"),
            (["metadata": ["user_id": "u", "other": "x"]], "metadata.other"), (["metadata": "x"], "metadata"),
            (["something_new": ["deep": [["server_url": "https://x"]]]], "something_new.deep[0].server_url"),
            (["url": "https://x"], "url"), (["File_ID": "f"], "File_ID"),
            // Things it would fetch.
            (
                message(["type": "image", "source": ["type": "url", "url": "https://x/y.png"]]),
                "content[0].source.type"
            ),
            (message(["type": "image", "source": ["type": "file", "file_id": "f"]]), "source.type"),
            (message(["type": "image", "source": ["type": "text", "data": "x"]]), "source.type"),
            (message(["type": "image", "source": ["type": "base64", "data": "", "url": "https://x"]]), "source.url"),
            (message(["type": "image"]), "source"), (message(["type": "document", "source": "https://x"]), "source"),
            (message(["type": "document", "source": ["type": "url", "url": "https://x"]]), "source.type"),
            (
                message([
                    "type": "document",
                    "source": [
                        "type": "content", "content": [["type": "image", "source": ["type": "url", "url": "u"]]],
                    ],
                ]), "source.content[0].source.type"
            ),
            (inResult(["type": "image", "source": ["type": "url", "url": "u"]]), "content[0].content[0].source.type"),
            (inResult(["type": "tool_reference", "tool_name": "x"]), "content[0].content[0].type"),
            (message(["type": "container_upload", "file_id": "f"]), "content[0].type"),
            (message(["type": "server_tool_use", "id": "s", "name": "web_search", "input": [:]]), "content[0].type"),
            (message(["type": "mcp_tool_use", "id": "s"]), "content[0].type"),
            (message(["type": "web_search_tool_result", "content": []]), "content[0].type"),
            (message(["type": "tool_addition", "tool": [:]]), "content[0].type"),
            (message(["type": "text", "text": "x", "file_id": "f"]), "content[0].file_id"),
            (message(["text": "x"]), "content[0]"), (message("x"), "content[0]"),
            (["system": [["type": "image", "source": [:]]]], "system[0].type"), (["system": 5], "system"),
            // Nonsense.
            (["model": 5], "model"), (["model": ""], "model"), (["messages": []], "messages"),
            (["messages": 1], "messages"),
            (["messages": [["role": "root", "content": "x"]]], "messages[0].role"),
            (["messages": [["role": "user"]]], "messages[0].content"), (["messages": ["x"]], "messages[0]"),
            (["messages": [["role": "user", "content": 1]]], "messages[0].content"),
            (["messages": [["role": "user", "content": "x", "url": "u"]]], "messages[0].url"),
            (["max_tokens": 0], "max_tokens"), (["max_tokens": "many"], "max_tokens"), (["stream": "yes"], "stream"),
        ] as [(JSONObject, String)])
    func refuses(change: JSONObject, place: String) throws {
        let error = #expect(throws: APIError.self) { try Self.decode(question(with: change)) }
        #expect(error?.status == 400)
        #expect(error?.type == "invalid_request_error")
        #expect(error?.message.contains(place) == true, "\(error?.message ?? "")")
    }

    @Test(
        arguments: [
            ["system": "You are kind."],
            ["system": [["type": "text", "text": "x", "cache_control": ["type": "ephemeral"]]]],
            ["tools": [["name": "a", "input_schema": ["properties": ["url": ["type": "string"]]]]]],
            ["tools": [["type": "custom", "name": "a", "allowed_callers": ["direct"]]]],
            ["tools": [["type": "bash_20250124", "name": "bash"], ["type": "text_editor_20250728", "name": "e"]]],
            ["tools": .null, "mcp_servers": [], "container": .null, "speed": "standard", "service_tier": "auto"],
            ["metadata": ["user_id": "u"]], ["metadata": [:]], ["something_new": ["deep": [1, "https://x", .null]]],
            ["thinking": ["type": "adaptive"], "output_config": ["effort": "low"], "temperature": 0.5, "top_k": 4],
            ["output_config": ["format": ["type": "json_schema", "schema": ["properties": ["url": [:]]]]]],
            message(["type": "image", "source": ["type": "base64", "media_type": "image/png", "data": "aGk="]]),
            message([
                "type": "document", "source": ["type": "text", "media_type": "text/plain", "data": "x"], "title": "t",
            ]),
            message(["type": "thinking", "thinking": "x", "signature": "s"]),
            message(["type": "redacted_thinking", "data": "x"]),
            message(["type": "tool_use", "id": "t", "name": "fetch", "input": ["url": "https://x", "file_id": "f"]]),
            message(["type": "tool_result", "tool_use_id": "t"]), inResult(["type": "text", "text": "x"]),
            message([
                "type": "search_result", "source": "a.md", "title": "A", "content": [["type": "text", "text": "x"]],
            ]),
            ["messages": [["role": "system", "content": "x"], ["role": "user", "content": "y"]]],
        ] as [JSONObject])
    func lets(change: JSONObject) throws {
        _ = try Self.decode(question(with: change))
    }

    @Test(arguments: [
        "", "{", "[]", "null", "\"x\"", "{} {}", "{\"model\":\"a\",\"model\":\"b\"}", "{\"a\":{\"b\":1,\"\\u0062\":2}}",
        "{\"a\":\"\\ud800\"}", "{\"a\":NaN}", "{'a':1}", "{\"a\":1,}", String(repeating: "[", count: 100_000),
    ])
    func refusesWhatIsNoStrictJSON(text: String) throws {
        let error = #expect(throws: APIError.self) { try Self.decode(Array(text.utf8)) }
        #expect(error?.status == 400)
    }

    @Test func refusesInvalidText() {
        #expect(throws: APIError.self) { try Self.decode(Array("{\"a\":\"".utf8) + [0xC0, 0xAF] + Array("\"}".utf8)) }
    }

    /// No broken request traps, and none of those that lost or gained a byte is taken for something it is not.
    @Test func mutatedRequestsAreDecodedOrRefused() {
        let base = question(
            with: [
                "tools": [["name": "bash", "input_schema": ["type": "object"]]], "metadata": ["user_id": "é"],
                "messages": [["role": "user", "content": [["type": "text", "text": "a\\\"b"]]]],
            ]
        ).serialized()
        var generator = SplitMix(state: 7)
        for _ in 0..<4000 {
            var bytes = base
            for _ in 0...generator.below(3) {
                let place = generator.below(bytes.count)
                switch generator.below(3) {
                case 0: bytes[place] = UInt8(truncatingIfNeeded: generator.next())
                case 1: bytes.remove(at: place)
                default: bytes.insert(Array("{}[]\",:\\u0".utf8)[generator.below(10)], at: place)
                }
            }
            guard let request = try? Self.decode(bytes), let sent = try? request.forwarded(model: "m"),
                let value = try? JSONValue(parsing: sent)
            else { continue }
            #expect(value["model"] == "m")
            #expect(value["messages"] == request.content["messages"])
        }
    }

    // MARK: Headers

    @Test(
        arguments: [
            [("anthropic-beta", "mcp-client-2025-04-04")], [("anthropic-beta", "pdfs-2024-09-25,web-fetch-2025-09-10")],
            [("anthropic-beta", "pdfs-2024-09-25"), ("Anthropic-Beta", "files-api-2025-04-14")],
            [("anthropic-version", "2024-01-01")],
            [("anthropic-version", "2023-06-01"), ("anthropic-version", "2026-10-21")],
            [("content-encoding", "gzip")],
        ] as [[(String, String)]])
    func refusesHeaders(headers: [(String, String)]) {
        #expect(throws: APIError.self) { try Self.decode(question(), headers: HTTPHeaders(headers)) }
    }

    @Test func takesBothVersionsAndGrantedBetas() throws {
        #expect(try Self.decode(question()).version == "2023-06-01")
        let headers: HTTPHeaders = ["anthropic-version": "2026-10-21", "anthropic-beta": "pdfs-2024-09-25"]
        let request = try Self.decode(question(), headers: headers)
        #expect(request.version == "2026-10-21")
        #expect(request.betas == ["pdfs-2024-09-25"])
    }

    @Test func countingNeedsNoMaximum() throws {
        _ = try Self.decode(["model": "m", "messages": [["role": "user", "content": "x"]]], target: .countTokens)
    }
}

/// Repeatable randomness.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
