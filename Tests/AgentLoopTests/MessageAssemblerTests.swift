import AgentLoop
import MCP
import Testing

@Suite struct MessageAssemblerTests {
    private func assemble(_ events: [JSONValue]) throws -> ModelMessage {
        var parser = EventStreamParser()
        var assembler = MessageAssembler()
        for event in try parser.push(ModelStream.bytes(events)[...]) { try assembler.take(event) }
        return try assembler.message()
    }

    @Test func textArrivesInPieces() throws {
        let message = try assemble(ModelStream.message([ModelStream.text(0, "Hel", "lo")]))
        #expect(message.text == "Hello")
        #expect(message.stopReason == "end_turn")
    }

    @Test func thinkingComesBackVerbatim() throws {
        let thinking = ModelStream.block(
            0, ["type": "thinking", "thinking": "", "signature": ""],
            [
                ["type": "thinking_delta", "thinking": "let me "], ["type": "thinking_delta", "thinking": "see"],
                ["type": "signature_delta", "signature": "Eq"], ["type": "signature_delta", "signature": "QB=="],
            ])
        let redacted = ModelStream.block(1, ["type": "redacted_thinking", "data": "abc"], [])
        let message = try assemble(ModelStream.message([thinking, redacted, ModelStream.text(2, "ok")]))
        #expect(message.content[0] == ["type": "thinking", "thinking": "let me see", "signature": "EqQB=="])
        #expect(message.content[1] == ["type": "redacted_thinking", "data": "abc"])
    }

    @Test func toolInputIsParsedAtTheEndOfItsBlock() throws {
        let message = try assemble(
            ModelStream.message(
                [
                    ModelStream.tool(0, id: "a", name: "bash", json: "{\"comm", "and\":\"l", "s\"}"),
                    ModelStream.tool(1, id: "b", name: "list"), ModelStream.tool(2, id: "c", name: "list", json: ""),
                ], stop: "tool_use"))
        #expect(message.toolCalls.map(\.id) == ["a", "b", "c"])
        #expect(message.toolCalls.map(\.arguments) == [["command": "ls"], [:], [:]])
        #expect(message.toolCalls.allSatisfy { $0.problem == nil })
        #expect(message.content[0]["input"] == ["command": "ls"])
    }

    @Test(arguments: ["{\"a\":", "[1]", "\"x\"", "{\"a\":1,\"a\":2}", "{} {}", "nul"])
    func inputThatIsNoObjectIsAProblemOfTheCallOnly(_ json: String) throws {
        let message = try assemble(
            ModelStream.message([ModelStream.tool(0, id: "a", name: "bash", json: json)], stop: "tool_use"))
        let call = try #require(message.toolCalls.first)
        #expect(call.problem != nil)
        #expect(call.arguments.isEmpty)
        #expect(message.content[0]["input"] == [:])
    }

    @Test func unknownEventsBlocksAndDeltasArePassedOver() throws {
        var events = ModelStream.message([
            ModelStream.block(0, ["type": "hologram", "x": 1], [["type": "hologram_delta", "y": 2]]),
            ModelStream.text(1, "ok"),
        ])
        events.insert(["type": "weather", "is": "fine"], at: 0)
        events.insert(["type": "ping"], at: 5)
        let message = try assemble(events)
        #expect(message.content[0] == ["type": "hologram", "x": 1])
        #expect(message.text == "ok")
    }

    @Test func aStreamThatBreaksOffAnywhereIsNoMessage() throws {
        let events = ModelStream.message([ModelStream.tool(0, id: "a", name: "bash", json: "{}")], stop: "tool_use")
        for count in 0..<events.count {
            #expect(throws: ModelFailure.self, "after \(count) events") {
                _ = try assemble(Array(events.prefix(count)))
            }
        }
        #expect(try assemble(events).toolCalls.count == 1)
    }

    @Test func anErrorEventAnywhereEndsIt() throws {
        let events = ModelStream.message([ModelStream.text(0, "Hello")])
        let error: JSONValue = ["type": "error", "error": ["type": "overloaded_error", "message": "Overloaded"]]
        for place in 0..<events.count {
            var broken = events
            broken.insert(error, at: place)
            let failure = #expect(throws: ModelFailure.self) { _ = try assemble(broken) }
            #expect(failure?.kind == .broken)
            #expect(failure?.message.contains("Overloaded") == true)
        }
    }

    static let disordered: [[JSONValue]] = [
        ModelStream.text(0, "x"),
        [["type": "message_start"], ["type": "message_start"]],
        [["type": "message_start"]] + ModelStream.text(1, "x"),
        [
            ["type": "message_start"],
            ["type": "content_block_delta", "index": 0, "delta": ["type": "text_delta", "text": "x"]],
        ],
        [["type": "message_start"], ["type": "content_block_stop", "index": 0]],
        [
            ["type": "message_start"], ["type": "content_block_start", "index": 0, "content_block": ["type": "text"]],
            ["type": "message_stop"],
        ],
        ModelStream.message([
            ModelStream.tool(0, id: "a", name: "x", json: "{}"), ModelStream.tool(1, id: "a", name: "x", json: "{}"),
        ]),
        ModelStream.message([ModelStream.tool(0, id: "", name: "x", json: "{}")]),
    ]

    @Test(arguments: disordered)
    func disorderIsRefused(_ events: [JSONValue]) {
        #expect(throws: ModelFailure.self) { _ = try assemble(events) }
    }

    @Test func tooLongIsToldFromOtherErrors() {
        let long: JSONValue = [
            "type": "error", "error": ["type": "invalid_request_error", "message": "prompt is too long: 3 > 2"],
        ]
        #expect(MessageAssembler.failure(long, status: 400).kind == .tooLong)
        #expect(MessageAssembler.failure(nil, status: 413).kind == .tooLong)
        #expect(MessageAssembler.failure(nil, status: 529).kind == .answered(status: 529))
    }

    /// Nothing that arrives may trap, and nothing that is not whole may become a tool call with other arguments.
    @Test(arguments: 0..<500 as Range<UInt64>)
    func noiseNeverTraps(seed: UInt64) {
        var noise = Noise(seed: seed)
        let events = ModelStream.message(
            [
                ModelStream.text(0, "Hello"),
                ModelStream.tool(1, id: "a", name: "bash", json: "{\"command\"", ":\"ls\"}"),
            ],
            stop: "tool_use")
        let bytes = noise.mutated(ModelStream.response(ModelStream.bytes(events)))
        var answer = ModelAnswer()
        do throws(ModelFailure) {
            for piece in noise.pieces(bytes) {
                if let message = try answer.take(piece) {
                    #expect(message.toolCalls.count <= 2)
                    return
                }
            }
            _ = try answer.close()
        } catch {
            #expect(!error.message.isEmpty)
        }
    }
}
