package import MCP

/// Builds the model's message from the events of a streamed answer. Whatever a stream delivered before it broke off is
/// worth nothing: there is a message only after `message_stop`. Unknown events and deltas are passed over.
/// https://docs.anthropic.com/en/docs/build-with-claude/streaming
package struct MessageAssembler: Sendable {
    private static let maximumBlocks = 512
    private static let maximumBytes = 32 << 20

    private struct OpenBlock: Sendable {
        var object: JSONObject
        var text: [String: String] = [:]
        var partialJSON = ""
        var citations: [JSONValue] = []
    }

    private var hasStarted = false
    private var open: OpenBlock?
    private var content: [JSONObject] = []
    private var toolCalls: [ToolCall] = []
    private var stopReason: String?
    private var bytes = 0
    package private(set) var isComplete = false

    package init() {}

    package mutating func take(_ event: EventStreamParser.Event) throws(ModelFailure) {
        guard !isComplete else { return }
        bytes += event.data.count
        guard bytes <= Self.maximumBytes else { throw .broken("the model's answer is longer than 32 MiB") }
        let value: JSONValue
        do {
            value = try JSONValue(parsing: event.data)
        } catch {
            // Only events we rely on have to be readable.
            guard Self.known.contains(event.name) else { return }
            throw .broken("the model's answer had an unreadable event (\(error))")
        }
        switch value["type"]?.stringValue ?? event.name {
        case "message_start":
            guard !hasStarted else { throw .broken("the model's answer started twice") }
            hasStarted = true
        case "content_block_start": try startBlock(value)
        case "content_block_delta": try extendBlock(value)
        case "content_block_stop": try endBlock(value)
        case "message_delta":
            if let reason = value["delta"]?["stop_reason"]?.stringValue { stopReason = reason }
        case "message_stop":
            guard hasStarted, open == nil else { throw .broken("the model's answer ended before it was complete") }
            isComplete = true
        case "error": throw Self.failure(value, status: nil)
        default: break
        }
    }

    /// The message, after `message_stop` only.
    package func message() throws(ModelFailure) -> ModelMessage {
        guard isComplete, let stopReason else { throw .broken("the model's answer broke off") }
        return ModelMessage(content: content, toolCalls: toolCalls, stopReason: stopReason)
    }

    /// What an error body or `error` event says: `{"type":"error","error":{"type","message"}}`.
    package static func failure(_ value: JSONValue?, status: Int?) -> ModelFailure {
        let type = value?["error"]?["type"]?.stringValue ?? "error"
        let said = value?["error"]?["message"]?.stringValue ?? status.map { "HTTP status \($0)" } ?? "no reason given"
        let text = String(said.prefix(500))
        if status == 413 || type == "request_too_large" || text.contains("prompt is too long")
            || text.contains("exceed context limit")
        {
            return ModelFailure(.tooLong, text)
        }
        guard let status else { return .broken("the model's answer ended in an error: \(text)") }
        return ModelFailure(.answered(status: status), text)
    }

    private static let known: Set<String> = [
        "message_start", "content_block_start", "content_block_delta", "content_block_stop", "message_delta",
        "message_stop", "error",
    ]

    private mutating func startBlock(_ value: JSONValue) throws(ModelFailure) {
        guard hasStarted, open == nil, value["index"]?.intValue == Int64(content.count),
            let object = value["content_block"]?.objectValue, object["type"]?.stringValue != nil
        else { throw .broken("the model's answer had its blocks out of order") }
        guard content.count < Self.maximumBlocks else { throw .broken("the model's answer had too many blocks") }
        open = OpenBlock(object: object)
    }

    private mutating func extendBlock(_ value: JSONValue) throws(ModelFailure) {
        guard value["index"]?.intValue == Int64(content.count), open != nil else {
            throw .broken("the model's answer had its blocks out of order")
        }
        guard let delta = value["delta"] else { return }
        switch delta["type"]?.stringValue {
        case "text_delta": open?.text["text", default: ""] += delta["text"]?.stringValue ?? ""
        case "thinking_delta": open?.text["thinking", default: ""] += delta["thinking"]?.stringValue ?? ""
        case "signature_delta": open?.text["signature", default: ""] += delta["signature"]?.stringValue ?? ""
        case "input_json_delta": open?.partialJSON += delta["partial_json"]?.stringValue ?? ""
        case "citations_delta":
            if let citation = delta["citation"] { open?.citations.append(citation) }
        default: break
        }
    }

    private mutating func endBlock(_ value: JSONValue) throws(ModelFailure) {
        guard value["index"]?.intValue == Int64(content.count), var block = open else {
            throw .broken("the model's answer had its blocks out of order")
        }
        open = nil
        for key in ["text", "thinking", "signature"] {
            guard let added = block.text[key] else { continue }
            block.object[key] = .string((block.object[key]?.stringValue ?? "") + added)
        }
        if !block.citations.isEmpty {
            block.object["citations"] = .array((block.object["citations"]?.arrayValue ?? []) + block.citations)
        }
        let type = block.object["type"]?.stringValue ?? ""
        var problem: String?
        if type.hasSuffix("tool_use") || !block.partialJSON.isEmpty {
            (block.object["input"], problem) = Self.input(block)
        }
        if type == "tool_use" {
            guard let id = block.object["id"]?.stringValue, !id.isEmpty,
                let name = block.object["name"]?.stringValue, !name.isEmpty,
                !toolCalls.contains(where: { $0.id == id })
            else { throw .broken("the model's answer had a tool call without a name or an id of its own") }
            let arguments = block.object["input"]?.objectValue ?? JSONObject()
            toolCalls.append(ToolCall(id: id, name: name, arguments: arguments, problem: problem))
        }
        content.append(block.object)
    }

    /// The input of a tool call. What cannot be read becomes `{}`, since the block has to go back to the model as an
    /// object, and a problem that keeps the call from running.
    private static func input(_ block: OpenBlock) -> (JSONValue, problem: String?) {
        guard !block.partialJSON.isEmpty else {
            return (.object(block.object["input"]?.objectValue ?? JSONObject()), nil)
        }
        do {
            let value = try JSONValue(parsing: Array(block.partialJSON.utf8))
            guard value.objectValue != nil else { return (.object(JSONObject()), "they are not a JSON object") }
            return (value, nil)
        } catch {
            return (.object(JSONObject()), "they are not valid JSON: \(error)")
        }
    }
}
