import AgentLoop
import MCP
import Testing

@Suite struct ModelRequestTests {
    private let tools = ["bash", "read_file"].map {
        OfferedTool(name: $0, description: "d", schema: ["type": "object"])
    }

    private func breakpoints(_ value: JSONValue?) -> Int {
        switch value {
        case .object(let object)?:
            object.reduce(0) { $0 + ($1.key == "cache_control" ? 1 : breakpoints($1.value)) }
        case .array(let values)?: values.reduce(0) { $0 + breakpoints($1) }
        default: 0
        }
    }

    private func text(_ request: ModelRequest) -> String { request.body.text }

    @Test func theSameConversationGivesTheSameBytesAndALongerOneTheSamePrefix() {
        var history = ModelHistory()
        history.appendUser(text: "one")
        func request() -> ModelRequest {
            ModelRequest(system: "S", tools: tools, messages: history.messages(), maximumOutputTokens: 100)
        }
        let first = request()
        #expect(text(first) == text(request()))
        history.appendAssistant(text: "two")
        history.appendUser(text: "three")
        // Breakpoints move and are no part of what is cached.
        let mark = ",\"cache_control\":{\"type\":\"ephemeral\"}"
        let before = text(first).replacing(mark, with: "")
        #expect(text(request()).replacing(mark, with: "").hasPrefix(before.dropLast(2)))
    }

    @Test func thereAreNeverMoreThanFourBreakpoints() {
        var history = ModelHistory()
        for round in 0..<10 {
            history.appendUser(text: "question \(round)")
            history.appendAssistant(text: "answer")
        }
        history.appendUser(text: "last")
        for (system, tools) in [("S", tools), ("", tools), ("S", []), ("", [])] {
            let request = ModelRequest(
                system: system, tools: tools, messages: history.messages(), maximumOutputTokens: 1)
            #expect(breakpoints(request.body) == (system.isEmpty && tools.isEmpty ? 2 : 3))
            let last = request.body["messages"]?.arrayValue?.last?["content"]?[0]
            #expect(last?["cache_control"] != nil)
        }
    }

    @Test func theLoopsOwnToolsAndUnusableNamesAreNotOffered() {
        #expect(OfferedTool(Tool(name: "receive")) == nil)
        #expect(OfferedTool(Tool(name: "reply")) == nil)
        #expect(OfferedTool(Tool(name: "a.b")) == nil)
        #expect(OfferedTool(Tool(name: "read_file"))?.name == "read_file")
    }

    @Test func outcomesAreWhatTheAPITakes() {
        let call = ToolCall(id: "t", name: "x")
        let empty = ToolOutcome(call, CallToolResult()).block
        #expect(empty["content"]?[0]?["text"] == "(no output)")
        #expect(empty["is_error"] == nil)
        let failed = ToolOutcome.failure(call, "no").block
        #expect(failed["is_error"] == true)
        let image = ToolOutcome(call, CallToolResult(content: [.image(data: "AAAA", mimeType: "image/png")])).block
        #expect(image["content"]?[0]?["source"]?["media_type"] == "image/png")
        let drawing = ToolOutcome(call, CallToolResult(content: [.image(data: "AAAA", mimeType: "image/svg+xml")]))
            .block
        #expect(drawing["content"]?[0]?["type"] == "text")
        let structured = ToolOutcome(call, CallToolResult(structuredContent: ["a": 1])).block
        #expect(structured["content"]?[0]?["text"] == "{\"a\":1}")
        let huge = ToolOutcome(call, .text(String(repeating: "ü", count: 1 << 20))).block
        #expect((huge["content"]?[0]?["text"]?.stringValue?.utf8.count ?? 0) < 600 << 10)
    }

    @Test func thinkingThatNothingFollowsIsNotSentBack() {
        var history = ModelHistory()
        history.appendUser(text: "q")
        let isKept = history.appendAssistant([["type": "thinking", "thinking": "x", "signature": "s"]])
        #expect(!isKept)
        #expect(history.messages().count == 1)
    }
}
