internal import MCP

/// A chat completion in one piece, as a message of the Messages API. Pure.
enum ChatAnswer {
    /// Throws where it is none, or asks for a tool in a way that cannot be acted on. `estimate` is what the request is
    /// taken to have held, for a server that does not say.
    static func message(
        from completion: JSONValue, model: String, sequences: [String], estimate: Int64
    ) throws(APIError) -> JSONObject {
        guard let choice = completion["choices"]?[0], let said = choice["message"]?.objectValue else {
            throw ProviderFailure.unreadable(status: 200)
        }
        let id = ChatWords.answerID(completion["id"])
        let reason = choice["finish_reason"]?.stringValue
        let refusal = said["refusal"]?.stringValue ?? ""
        let text = text(said["content"]) + refusal
        var content: [JSONValue] = []
        if !ChatWords.isBlank(text) { content.append(["type": "text", "text": .string(text)]) }
        var taken: Set<String> = []
        for (number, call) in (said["tool_calls"]?.arrayValue ?? []).enumerated() {
            guard let name = call["function"]?["name"]?.stringValue, !name.isEmpty else {
                throw ChatFailure.unknownTool
            }
            guard let input = ChatWords.input(ChatWords.arguments(call["function"]?["arguments"])) else {
                // Cut off with the answer, and the stop reason says so.
                if reason == "length" { break }
                throw ChatFailure.badArguments
            }
            let call = ChatWords.callID(call["id"]?.stringValue, number: number, answer: id, taken: taken)
            taken.insert(call)
            content.append(["type": "tool_use", "id": .string(call), "name": .string(name), "input": .object(input)])
        }
        let stop = ChatWords.stop(
            reason, asksForTools: !taken.isEmpty, refuses: !refusal.isEmpty, matched: choice["stop_reason"],
            sequences: sequences)
        let usage =
            ChatWords.usage(completion["usage"])
            ?? ChatWords.estimatedUsage(input: estimate, outputBytes: said.text.utf8.count)
        return [
            "id": .string(id), "type": "message", "role": "assistant",
            "model": .string(completion["model"]?.stringValue ?? model), "content": .array(content),
            "stop_reason": .string(stop.reason), "stop_sequence": stop.sequence, "usage": .object(usage),
        ]
    }

    /// A text, or a list of parts of which the texts are.
    private static func text(_ content: JSONValue?) -> String {
        if let text = content?.stringValue { return text }
        return (content?.arrayValue ?? []).compactMap { $0["text"]?.stringValue }.joined()
    }
}

extension JSONObject {
    fileprivate var text: String { JSONValue.object(self).text }
}
