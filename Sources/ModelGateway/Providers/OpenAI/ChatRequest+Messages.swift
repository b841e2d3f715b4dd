internal import MCP

extension ChatRequest {
    /// The conversation in the other API's order: the system's text first, and each tool's result as a message of its own
    /// right behind the message that asked for it, in the order in which it was asked.
    static func messages(of request: JSONObject) throws(APIError) -> [JSONValue] {
        var transcript = Transcript()
        transcript.system(try plain(request["system"], at: "system"))
        for (index, message) in (request["messages"]?.arrayValue ?? []).enumerated() {
            let path = "messages[\(index)]"
            let content = message["content"] ?? ""
            switch message["role"]?.stringValue {
            case "assistant": try transcript.assistant(content, at: path)
            case "system": transcript.system(try plain(content, at: path))
            default: try transcript.user(content, at: path)
            }
        }
        return try transcript.whole()
    }

    /// Blocks that are text alone.
    private static func plain(_ content: JSONValue?, at path: String) throws(APIError) -> String {
        ChatContent.text(of: try ChatContent.parts(of: content ?? "", at: path))
    }
}

/// Messages of the chat completions API as they come about.
private struct Transcript {
    private var messages: [JSONValue] = []
    /// Ids of the tool calls of the last message, in their order, that wait for their results.
    private var asked: [String] = []
    /// What a person says, held back: the next message may go on with it, and two in a row are more than many models'
    /// templates take.
    private var said: [ChatContent.Part] = []

    mutating func system(_ text: String) {
        guard !text.isEmpty else { return }
        flush()
        messages.append(["role": "system", "content": .string(text)])
    }

    mutating func assistant(_ content: JSONValue, at path: String) throws(APIError) {
        guard asked.isEmpty else { throw Self.unanswered(asked, at: path) }
        flush()
        var texts: [String] = []
        var calls: [JSONValue] = []
        for (index, block) in Self.blocks(content).enumerated() {
            switch block["type"]?.stringValue {
            case "text": texts.append(block["text"]?.stringValue ?? "")
            case "tool_use":
                guard let id = block["id"]?.stringValue, let name = block["name"]?.stringValue, !asked.contains(id)
                else {
                    throw APIError.refused("\(path).content[\(index)]: a tool_use has a name and an id of its own.")
                }
                asked.append(id)
                let arguments = (block["input"] ?? [:]).text
                calls.append([
                    "id": .string(id), "type": "function",
                    "function": ["name": .string(name), "arguments": .string(arguments)],
                ])
            // Its signature is for the provider it came from; as text the model would take it for said.
            case "thinking", "redacted_thinking": break
            default: throw APIError.refused("\(path).content[\(index)]: an assistant says text and asks for tools.")
            }
        }
        let text = texts.filter { !$0.isEmpty }.joined(separator: "\n\n")
        var message: JSONObject = ["role": "assistant"]
        // Beside calls an empty text is none.
        message["content"] = text.isEmpty && !calls.isEmpty ? .null : .string(text)
        if !calls.isEmpty { message["tool_calls"] = .array(calls) }
        messages.append(.object(message))
    }

    mutating func user(_ content: JSONValue, at path: String) throws(APIError) {
        var results: [String: [ChatContent.Part]] = [:]
        var rest: [JSONValue] = []
        for (index, block) in Self.blocks(content).enumerated() {
            guard block["type"]?.stringValue == "tool_result" else {
                rest.append(block)
                continue
            }
            let place = "\(path).content[\(index)]"
            guard let id = block["tool_use_id"]?.stringValue, asked.contains(id), results[id] == nil else {
                throw APIError.refused("\(place).tool_use_id: names no tool call of the message before.")
            }
            var parts = try ChatContent.parts(of: block["content"] ?? "", at: "\(place).content")
            if block["is_error"]?.boolValue == true { parts.insert(.text("The tool failed:"), at: 0) }
            results[id] = parts
        }
        guard results.count == asked.count else { throw Self.unanswered(asked.filter { results[$0] == nil }, at: path) }
        for id in asked {
            let parts = results[id] ?? []
            let images = parts.filter(\.isImage)
            var text = ChatContent.text(of: parts)
            if !images.isEmpty {
                // A tool's message holds text alone; its images come in the message after it.
                text += (text.isEmpty ? "" : "\n\n") + "(The images of this result are in the next message.)"
                said += [.text("Images that the tool call \(id) gave:")] + images
            }
            messages.append(["role": "tool", "tool_call_id": .string(id), "content": .string(text)])
        }
        asked = []
        said += try ChatContent.parts(of: .array(rest), at: path)
    }

    /// All messages, the last one with them.
    mutating func whole() throws(APIError) -> [JSONValue] {
        guard asked.isEmpty else { throw Self.unanswered(asked, at: "messages") }
        flush()
        return messages
    }

    private mutating func flush() {
        guard !said.isEmpty else { return }
        messages.append(["role": "user", "content": ChatContent.content(of: said)])
        said = []
    }

    private static func blocks(_ content: JSONValue) -> [JSONValue] {
        if let text = content.stringValue { return [["type": "text", "text": .string(text)]] }
        return content.arrayValue ?? []
    }

    private static func unanswered(_ ids: [String], at path: String) -> APIError {
        APIError.refused(
            "\(path): the tool calls \(ids.joined(separator: ", ").prefix(200)) have no tool_result in the next message."
        )
    }
}
