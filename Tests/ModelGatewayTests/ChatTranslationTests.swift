import MCP
import NIOCore
import Testing

@testable import ModelGateway

/// The translation on its own: there and back, cut anywhere, and on nonsense.
@Suite(.timeLimit(.minutes(5))) struct ChatTranslationTests {
    // MARK: Requests

    /// Nothing that was said is lost, doubled or put in another order: read back by a reader of its own, a translated
    /// request says what the original said.
    @Test func requestsSayTheSameInTheOtherWords() throws {
        var random = SplitMix(state: 5)
        for _ in 0..<2000 {
            let request = RandomConversation.request(&random)
            let body = try ChatRequest.body(of: request, model: "m")
            // One is enough to look at.
            try #require(Spoken(chat: body).lines == Spoken(messages: request).lines)
        }
    }

    @Test func theSameConversationIsTheSameBytes() throws {
        var random = SplitMix(state: 6)
        for _ in 0..<50 {
            let request = RandomConversation.request(&random)
            let copy = try JSONValue(parsing: JSONValue.object(request).serialized()).objectValue ?? [:]
            let bodies = try [request, copy].map {
                JSONValue.object(try ChatRequest.body(of: $0, model: "m")).serialized()
            }
            #expect(bodies[0] == bodies[1])
        }
    }

    @Test func choicesAndLimitsAreCarried() throws {
        let body = try ChatRequest.body(
            of: [
                "max_tokens": 7, "temperature": 0.5, "top_p": .null, "top_k": 3, "stop_sequences": ["END"],
                "stream": true,
                "tools": [["name": "a", "input_schema": ["type": "object"], "cache_control": ["type": "ephemeral"]]],
                "tool_choice": ["type": "any", "disable_parallel_tool_use": true], "thinking": ["type": "enabled"],
                "output_config": ["format": ["type": "json_schema", "schema": ["type": "object"]]],
                "messages": [["role": "user", "content": "hi"]], "unheard_of": 1,
            ], model: "m", limitName: "max_completion_tokens")
        #expect(
            body == [
                "model": "m", "messages": [["role": "user", "content": "hi"]],
                "tools": [["type": "function", "function": ["name": "a", "parameters": ["type": "object"]]]],
                "tool_choice": "required", "parallel_tool_calls": false, "max_completion_tokens": 7, "temperature": 0.5,
                "stop": ["END"], "stream": true, "stream_options": ["include_usage": true],
                "response_format": [
                    "type": "json_schema",
                    "json_schema": ["name": "answer", "schema": ["type": "object"], "strict": true],
                ],
            ])
        #expect(ChatRequest.limitName(host: "api.openai.com") == "max_completion_tokens")
        #expect(ChatRequest.limitName(host: "localhost") == "max_tokens")
    }

    private static func content(_ blocks: JSONValue...) -> JSONValue {
        [["role": "user", "content": .array(blocks)]]
    }

    private static func image(_ type: JSONValue, _ data: JSONValue = "aGk=") -> JSONValue {
        ["type": "image", "source": ["type": "base64", "media_type": type, "data": data]]
    }

    private static let unspeakable: [(JSONObject, String)] = [
        (["messages": content(image("image/tiff"))], "messages[0][0].source.media_type"),
        (["messages": content(image("text/html"))], "media_type"), (["messages": content(image(.null))], "media_type"),
        (["messages": content(image("image/png", "not base64!"))], "source.data"),
        (["messages": content(image("image/png", ""))], "source.data"),
        (
            [
                "messages": content([
                    "type": "document", "source": ["type": "base64", "media_type": "application/pdf", "data": "aGk="],
                ])
            ], "application/pdf"
        ),
        (["messages": content(["type": "tool_result", "tool_use_id": "x", "content": "y"])], "names no tool call"),
        (
            [
                "messages": [
                    ["role": "assistant", "content": [["type": "tool_use", "id": "x", "name": "n", "input": [:]]]],
                    ["role": "user", "content": "never mind"],
                ]
            ], "have no tool_result"
        ),
        (
            [
                "messages": [
                    ["role": "assistant", "content": [["type": "tool_use", "id": "x", "name": "n", "input": [:]]]]
                ]
            ], "have no tool_result"
        ),
        (
            [
                "messages": content(["type": "text", "text": "x"]),
                "tools": [["type": "bash_20250124", "name": "bash"]],
            ],
            "only Anthropic's models know"
        ),
        (
            [
                "messages": content(["type": "text", "text": "x"]), "tools": [["name": "a"]],
                "tool_choice": ["type": "perhaps"],
            ], "tool_choice.type"
        ),
    ]

    @Test(arguments: unspeakable.indices)
    func whatCannotBeSaidIsRefusedAndNotGuessed(index: Int) {
        let (request, words) = Self.unspeakable[index]
        let error = #expect(throws: APIError.self) { try ChatRequest.body(of: request, model: "m") }
        #expect(error?.status == 400)
        #expect(error?.message.contains(words) == true, "\(error?.message ?? "")")
    }

    // MARK: Answers

    /// Whole, in chunks, and in chunks cut anywhere: the same answer.
    @Test func answersComeBackTheSameHoweverTheyAreCut() throws {
        var random = SplitMix(state: 8)
        for _ in 0..<1000 {
            let answer = RandomAnswer(&random)
            let whole = Said(
                message: .object(
                    try ChatAnswer.message(from: answer.completion, model: "m", sequences: [], estimate: 1)))
            #expect(whole.texts == answer.texts)
            #expect(whole.calls == answer.calls)
            var chunks = ChatChunks()
            var stream = ChatStream(model: "m", sequences: [], estimate: 1)
            var events: [JSONValue] = []
            let bytes = answer.stream(&random)
            var position = 0
            while position < bytes.count {
                let end = min(bytes.count, position + 1 + random.below(60))
                for chunk in try chunks.read(ByteBuffer(bytes: bytes[position..<end])) {
                    events += try stream.read(chunk)
                }
                position = end
            }
            #expect(chunks.isOver)
            events += try stream.finish()
            let streamed = Said(events: events)
            try #require(streamed == whole)
            #expect(streamed.isWellFormed)
        }
    }

    /// Chunks with anything in any place of them: an answer or a typed error, and never an answer that has no end.
    @Test func nonsenseEndsInAnErrorAndNotInAnAnswer() throws {
        var random = SplitMix(state: 9)
        for _ in 0..<5000 {
            var stream = ChatStream(model: "m", sequences: ["x"], estimate: 1, maximumBytes: 10_000)
            var events: [JSONValue] = []
            do throws(APIError) {
                for chunk in RandomAnswer(&random).chunks(&random) {
                    events += try stream.read(chunk.damaged(&random))
                }
                events += try stream.finish()
                #expect(Said(events: events).isWellFormed)
            } catch {
                #expect(error.status >= 400)
                #expect(!error.message.isEmpty)
            }
            _ = try? ChatAnswer.message(
                from: RandomAnswer(&random).completion.damaged(&random), model: "m", sequences: [], estimate: 1)
        }
    }

    @Test func anAnswerHasABound() {
        var stream = ChatStream(model: "m", sequences: [], estimate: 1, maximumBytes: 1000)
        let chunk: JSONValue = [
            "choices": [["delta": ["reasoning_content": .string(String(repeating: "x", count: 600))]]]
        ]
        #expect(throws: Never.self) { try stream.read(chunk) }
        #expect(throws: APIError.self) { try stream.read(chunk) }
    }

    @Test(
        arguments: [
            (#"{"prompt_tokens": 10, "completion_tokens": 2}"#, [10, 0, 2]),
            (
                #"{"prompt_tokens": 10, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 8}}"#,
                [2, 8, 2]
            ),
            (
                #"{"prompt_tokens": 10, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 80}}"#,
                [0, 10, 2]
            ),
            (#"{"prompt_tokens": 10, "completion_tokens": 2, "prompt_tokens_details": null}"#, [10, 0, 2]),
            (#"{"prompt_tokens": -1, "completion_tokens": 2}"#, nil), (#"{"prompt_tokens": 5}"#, nil), ("null", nil),
            (#"{"prompt_tokens": 9000000000000000000, "completion_tokens": 1}"#, [1_000_000_000, 0, 1]),
        ] as [(String, [Int64]?)])
    func figuresAreTakenApart(text: String, expected: [Int64]?) throws {
        let usage = ChatWords.usage(try JSONValue(parsing: text))
        let names = ["input_tokens", "cache_read_input_tokens", "output_tokens"]
        #expect(usage.map { usage in names.map { usage[$0]?.intValue ?? -1 } } == expected)
    }
}
