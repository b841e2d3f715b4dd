import MCP

/// Requests of the Messages API that are valid, and otherwise anything.
enum RandomConversation {
    static let words = [
        "hello", "grüße", "\u{1F600}", "data: [DONE]", "\n\n", "{\"a\":1}", "\u{2028}", "\"quoted\"", "\\", "event: x",
    ]

    static func text(_ random: inout SplitMix) -> String {
        "t" + (0..<random.below(6)).map { _ in words[random.below(words.count)] }.joined(separator: " ")
    }

    static func request(_ random: inout SplitMix) -> JSONObject {
        var request: JSONObject = ["model": "bulkhead", "max_tokens": 100]
        if random.below(2) == 0 {
            request["system"] =
                random.below(2) == 0
                ? .string(text(&random))
                : .array((0...random.below(2)).map { _ in textBlock(&random) })
        }
        request["tools"] = [
            [
                "name": "bash", "description": .string(text(&random)),
                "input_schema": ["type": "object", "properties": ["command": ["type": "string"]]],
            ]
        ]
        request["tool_choice"] =
            [["type": "auto"], ["type": "any"], ["type": "tool", "name": "bash"], .null][random.below(4)]
        var messages: [JSONValue] = []
        var asked: [String] = []
        for turn in 0...random.below(5) {
            var content = asked.shuffled(using: &random).map { result($0, &random) }
            if content.isEmpty || random.below(2) == 0 { content.append(block(&random)) }
            if random.below(3) == 0 { content.append(block(&random)) }
            messages.append(["role": "user", "content": .array(content)])
            asked = (0..<random.below(3)).map { "call_\(turn)_\($0)" }
            var answer: [JSONValue] = []
            if random.below(3) == 0 {
                answer.append(["type": "thinking", "thinking": .string(text(&random)), "signature": "c2ln"])
            }
            if asked.isEmpty || random.below(2) == 0 { answer.append(textBlock(&random)) }
            answer += asked.map {
                ["type": "tool_use", "id": .string($0), "name": "bash", "input": .object(input(&random))]
            }
            messages.append(["role": "assistant", "content": .array(answer)])
        }
        messages.append([
            "role": "user",
            "content": .array(asked.map { result($0, &random) } + [textBlock(&random)]),
        ])
        request["messages"] = .array(messages)
        return request
    }

    static func input(_ random: inout SplitMix) -> JSONObject {
        [
            "command": .string(text(&random)), "n": .int(Int64(random.below(1000))),
            "more": .array([.null, .bool(random.below(2) == 0), .object(["x": .string(text(&random))])]),
        ]
    }

    private static func textBlock(_ random: inout SplitMix) -> JSONValue {
        ["type": "text", "text": .string(text(&random))]
    }

    private static func block(_ random: inout SplitMix) -> JSONValue {
        switch random.below(4) {
        case 0:
            [
                "type": "image",
                "source": [
                    "type": "base64", "media_type": .string(["image/png", "image/jpeg"][random.below(2)]),
                    "data": .string(["aGk=", "AAAA"][random.below(2)]),
                ],
            ]
        case 1:
            [
                "type": "document",
                "source": ["type": "text", "media_type": "text/plain", "data": .string(text(&random))],
            ]
        default: textBlock(&random)
        }
    }

    private static func result(_ id: String, _ random: inout SplitMix) -> JSONValue {
        var result: JSONObject = ["type": "tool_result", "tool_use_id": .string(id)]
        switch random.below(3) {
        case 0: result["content"] = .string(text(&random))
        case 1: result["content"] = .array([textBlock(&random), block(&random)])
        default: break
        }
        if random.below(4) == 0 { result["is_error"] = true }
        return .object(result)
    }
}
