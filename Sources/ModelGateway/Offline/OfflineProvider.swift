internal import MCP
internal import NIOCore

/// Serves the offline model in the Messages API's own form, streamed or whole.
struct OfflineProvider: Provider {
    let clock: GatewayClock

    func answer(_ request: ProviderRequest, into sink: any AnswerSink) async throws {
        await sink.attempt()
        let content = request.request.content
        let input = Self.tokens(request.request.size)
        if request.target == .countTokens {
            let count: JSONValue = ["input_tokens": .int(input)]
            return await sink.whole(count.serialized(), content: count)
        }
        let answer = OfflineModel.answer(content)
        if request.request.isStreamed {
            try await stream(answer, input: input, into: sink)
        } else {
            try await whole(answer, input: input, into: sink)
        }
    }

    private static func tokens(_ bytes: Int) -> Int64 { Int64(bytes / OfflineModel.bytesPerToken + 1) }

    private static func stopReason(_ answer: OfflineModel.Answer) -> JSONValue {
        answer.isCut ? "max_tokens" : answer.asksForTools ? "tool_use" : "end_turn"
    }

    private func message(_ answer: OfflineModel.Answer, content: [JSONValue], stop: JSONValue, usage: JSONValue)
        -> JSONValue
    {
        [
            "id": .string(answer.id), "type": "message", "role": "assistant", "model": .string(OfflineModel.name),
            "content": .array(content), "stop_reason": stop, "stop_sequence": .null, "usage": usage,
        ]
    }

    // MARK: Whole

    private func whole(_ answer: OfflineModel.Answer, input: Int64, into sink: any AnswerSink) async throws {
        var text = ""
        var content: [JSONValue] = []
        for piece in answer.pieces {
            switch piece {
            case .text(let more): text += text.isEmpty ? more : "\n\n" + more
            case .pause(let seconds):
                try await clock.sleep(.seconds(seconds))
                text += (text.isEmpty ? "" : "\n\n") + "Waited \(seconds) s."
            case .toolUse(let id, let name, let input):
                content.append(["type": "tool_use", "id": .string(id), "name": .string(name), "input": .object(input)])
            }
        }
        if !text.isEmpty { content.insert(["type": "text", "text": .string(text)], at: 0) }
        let usage: JSONValue = [
            "input_tokens": .int(input),
            "output_tokens": .int(Self.tokens(JSONValue.array(content).serialized().count)),
        ]
        let message = message(answer, content: content, stop: Self.stopReason(answer), usage: usage)
        await sink.whole(message.serialized(), content: message)
    }

    // MARK: Streamed

    private func stream(_ answer: OfflineModel.Answer, input: Int64, into sink: any AnswerSink) async throws {
        await sink.beginStream()
        var output: Int64 = 1
        func send(_ event: JSONValue) async throws {
            var buffer = ByteBuffer(string: "event: \(event["type"]?.stringValue ?? "")\ndata: ")
            buffer.writeBytes(event.serialized())
            buffer.writeString("\n\n")
            try await sink.stream(buffer)
        }
        func delta(_ index: Int, _ delta: JSONValue) async throws {
            output += 1
            try await send(["type": "content_block_delta", "index": .int(Int64(index)), "delta": delta])
        }
        let usage: JSONValue = ["input_tokens": .int(input), "output_tokens": 1]
        try await send([
            "type": "message_start", "message": message(answer, content: [], stop: .null, usage: usage),
        ])
        try await send(["type": "ping"])
        var index = 0
        var hasText = false
        for piece in answer.pieces {
            if case .toolUse(let id, let name, let input) = piece {
                if hasText {
                    try await send(["type": "content_block_stop", "index": .int(Int64(index))])
                    (hasText, index) = (false, index + 1)
                }
                try await send([
                    "type": "content_block_start", "index": .int(Int64(index)),
                    "content_block": ["type": "tool_use", "id": .string(id), "name": .string(name), "input": [:]],
                ])
                for part in [""] + JSONValue.object(input).text.pieces(about: 3) {
                    try await delta(index, ["type": "input_json_delta", "partial_json": .string(part)])
                }
                try await send(["type": "content_block_stop", "index": .int(Int64(index))])
                index += 1
                continue
            }
            func say(_ text: String) async throws {
                try await delta(index, ["type": "text_delta", "text": .string(text)])
            }
            if hasText {
                try await say("\n\n")
            } else {
                hasText = true
                try await send([
                    "type": "content_block_start", "index": .int(Int64(index)),
                    "content_block": ["type": "text", "text": ""],
                ])
            }
            switch piece {
            case .text(let text): for part in text.pieces(about: 40) { try await say(part) }
            case .pause(let seconds):
                try await say("Waiting \(seconds) s ")
                for _ in 0..<(seconds * 4) {
                    try await clock.sleep(.milliseconds(250))
                    try await say("·")
                }
                try await say(" done.")
            case .toolUse: break
            }
        }
        if hasText { try await send(["type": "content_block_stop", "index": .int(Int64(index))]) }
        try await send([
            "type": "message_delta", "delta": ["stop_reason": Self.stopReason(answer), "stop_sequence": .null],
            "usage": ["output_tokens": .int(output)],
        ])
        try await send(["type": "message_stop"])
    }
}

extension String {
    /// About so many pieces, none shorter than a few words, no character cut.
    fileprivate func pieces(about number: Int) -> [String] {
        let size = Swift.max(24, count / Swift.max(1, number))
        var pieces: [String] = []
        var rest = self[...]
        while !rest.isEmpty {
            pieces.append(String(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        return pieces
    }
}
