import MCP

/// An answer, as a chat completion and as its stream.
struct RandomAnswer {
    var texts: [String] = []
    var calls: [Said.Call] = []

    init(_ random: inout SplitMix) {
        if random.below(3) > 0 { texts = [RandomConversation.text(&random)] }
        calls = (0..<random.below(4)).map {
            Said.Call(
                id: "call_\($0)", name: "bash", input: random.below(4) == 0 ? [:] : RandomConversation.input(&random))
        }
    }

    private var finish: JSONValue { calls.isEmpty ? "stop" : "tool_calls" }

    private func made(_ call: Said.Call, arguments: String) -> JSONValue {
        [
            "id": .string(call.id), "type": "function",
            "function": ["name": .string(call.name), "arguments": .string(arguments)],
        ]
    }

    var completion: JSONValue {
        [
            "id": "chatcmpl-1", "object": "chat.completion", "model": "m",
            "choices": [
                [
                    "index": 0, "finish_reason": finish,
                    "message": [
                        "role": "assistant", "content": texts.first.map { .string($0) } ?? .null,
                        "tool_calls": .array(calls.map { made($0, arguments: JSONValue.object($0.input).text) }),
                    ],
                ]
            ], "usage": ["prompt_tokens": 1, "completion_tokens": 1],
        ]
    }

    private func chunk(_ delta: JSONValue, finish: JSONValue = .null) -> JSONValue {
        [
            "id": "chatcmpl-1", "object": "chat.completion.chunk", "model": "m",
            "choices": [["index": 0, "delta": delta, "finish_reason": finish]],
        ]
    }

    /// The calls' pieces mixed, as far as each call's own stay in order.
    func chunks(_ random: inout SplitMix) -> [JSONValue] {
        var chunks = [chunk(["role": "assistant", "content": ""])]
        for text in texts { chunks += text.cut(&random).map { chunk(["content": .string($0)]) } }
        var waiting = calls.enumerated().map { index, call -> [JSONValue] in
            func piece(_ function: JSONObject, _ more: JSONObject = [:]) -> JSONValue {
                var call = more
                call["index"] = .int(Int64(index))
                call["function"] = .object(function)
                return chunk(["tool_calls": [.object(call)]])
            }
            return [
                piece(["name": .string(call.name), "arguments": ""], ["id": .string(call.id), "type": "function"])
            ] + JSONValue.object(call.input).text.cut(&random).map { piece(["arguments": .string($0)]) }
        }
        // Calls begin in their order; from then on whoever's turn it is.
        var begun = 0
        while waiting.contains(where: { !$0.isEmpty }) {
            if begun < waiting.count, begun == 0 || random.below(3) == 0 {
                chunks.append(waiting[begun].removeFirst())
                begun += 1
                continue
            }
            let ready = waiting.indices.filter { $0 < begun && !waiting[$0].isEmpty }
            guard let next = ready.randomElement(using: &random) else {
                chunks.append(waiting[begun].removeFirst())
                begun += 1
                continue
            }
            chunks.append(waiting[next].removeFirst())
        }
        chunks.append(chunk([:], finish: finish))
        if random.below(2) == 0 {
            chunks.append(["choices": [], "usage": ["prompt_tokens": 3, "completion_tokens": 4]])
        }
        return chunks
    }

    func stream(_ random: inout SplitMix) -> [UInt8] {
        var bytes: [UInt8] = []
        for chunk in chunks(&random) {
            if random.below(5) == 0 { bytes += Array(": keep-alive\n\n".utf8) }
            bytes += Array((random.below(2) == 0 ? "data: " : "data:").utf8) + chunk.serialized()
            bytes += Array((random.below(2) == 0 ? "\n\n" : "\r\n\r\n").utf8)
        }
        return bytes + Array("data: [DONE]\n\n".utf8)
    }
}

extension String {
    fileprivate func cut(_ random: inout SplitMix) -> [String] {
        var pieces: [String] = []
        var rest = self[...]
        while !rest.isEmpty {
            let size = 1 + random.below(9)
            pieces.append(String(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        return pieces
    }
}

extension JSONValue {
    /// With one value somewhere in it replaced by another, or gone.
    func damaged(_ random: inout SplitMix) -> JSONValue {
        let others: [JSONValue] = [
            .null, true, -1, 1e300, "", "x", [], [:], [.null], ["error": "no"], .int(.max), "\u{0}", ["index": 7],
        ]
        if random.below(4) == 0 { return others[random.below(others.count)] }
        switch self {
        case .object(let object) where !object.isEmpty:
            var copy = object
            let name = object.keys[random.below(object.count)]
            copy[name] = random.below(6) == 0 ? nil : object[name]?.damaged(&random)
            return .object(copy)
        case .array(let items) where !items.isEmpty:
            var copy = items
            let index = random.below(items.count)
            copy[index] = items[index].damaged(&random)
            return .array(copy)
        default: return others[random.below(others.count)]
        }
    }
}
