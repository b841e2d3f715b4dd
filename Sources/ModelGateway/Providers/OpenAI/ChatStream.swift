internal import MCP

/// A streamed chat completion, chunk by chunk, as events of a message. Pure: chunks in, events out, each as early as what
/// is known allows.
///
/// The Messages API sends one block after the other, each closed before the next begins; chunks may mix the pieces of
/// several calls. So the first open block passes its pieces on as they come, and what belongs to later ones waits.
struct ChatStream {
    private let model: String
    private let sequences: [String]
    private let estimate: Int64
    private let maximumBytes: Int

    private var id = ""
    private var answeringModel: String?
    private var hasStarted = false
    private var blocks: [ChatBlock] = []
    /// Those before are closed.
    private var current = 0
    /// Blocks that were shown: the next one's number.
    private var shown: Int64 = 0
    private var taken: Set<String> = []
    private var outputBytes = 0
    private var finishReason: String?
    private var matched: JSONValue?
    private var refuses = false
    private var usage: JSONObject?

    init(model: String, sequences: [String], estimate: Int64, maximumBytes: Int = 64 << 20) {
        self.model = model
        self.sequences = sequences
        self.estimate = estimate
        self.maximumBytes = maximumBytes
    }

    /// The server has said how the answer ends: what may still come is its figures.
    var isAnswered: Bool { finishReason != nil }

    mutating func read(_ chunk: JSONValue) throws(APIError) -> [JSONValue] {
        if let error = ChatFailure.error(in: chunk, status: nil) { throw error }
        guard chunk["choices"]?.arrayValue != nil || chunk["usage"] != nil else {
            throw ProviderFailure.unreadable(status: 200)
        }
        if id.isEmpty { id = ChatWords.answerID(chunk["id"]) }
        answeringModel = answeringModel ?? chunk["model"]?.stringValue
        usage = ChatWords.usage(chunk["usage"]) ?? usage
        // Others are answers nobody asked for.
        guard let choice = chunk["choices"]?.arrayValue?.first(where: { ($0["index"]?.intValue ?? 0) == 0 }) else {
            return []
        }
        try take(choice["delta"])
        if let reason = choice["finish_reason"]?.stringValue {
            if reason == "error" { throw ProviderFailure.brokenStream }
            finishReason = reason
            matched = choice["stop_reason"]
        }
        return try pass(isLast: false)
    }

    /// What is left when the stream has ended. Throws where it ended too early.
    mutating func finish() throws(APIError) -> [JSONValue] {
        guard finishReason != nil else { throw ProviderFailure.brokenStream }
        var events = try pass(isLast: true)
        start(&events)
        let stop = ChatWords.stop(
            finishReason, asksForTools: !taken.isEmpty, refuses: refuses, matched: matched, sequences: sequences)
        let usage = usage ?? ChatWords.estimatedUsage(input: estimate, outputBytes: outputBytes)
        events.append([
            "type": "message_delta",
            "delta": ["stop_reason": .string(stop.reason), "stop_sequence": stop.sequence], "usage": .object(usage),
        ])
        events.append(["type": "message_stop"])
        return events
    }

    // MARK: What comes

    private mutating func take(_ delta: JSONValue?) throws(APIError) {
        guard let delta else { return }
        // Thinking has no signature here, so it could not be given back as such; but it is paid for.
        for name in ["reasoning_content", "reasoning"] { outputBytes += delta[name]?.stringValue?.utf8.count ?? 0 }
        if let refusal = delta["refusal"]?.stringValue, !refusal.isEmpty {
            refuses = true
            say(refusal)
        }
        if let text = delta["content"]?.stringValue, !text.isEmpty { say(text) }
        for call in delta["tool_calls"]?.arrayValue ?? [] { take(call: call) }
        guard outputBytes <= maximumBytes, blocks.count <= 1000 else { throw ProviderFailure.unreadable(status: 200) }
    }

    private mutating func say(_ text: String) {
        outputBytes += text.utf8.count
        if let last = blocks.indices.last, last >= current, blocks[last].call == nil {
            blocks[last].append(text)
        } else {
            blocks.append(ChatBlock(text: text))
        }
    }

    private mutating func take(call: JSONValue) {
        let name = call["function"]?["name"]?.stringValue ?? ""
        let id = call["id"]?.stringValue ?? ""
        let arguments = ChatWords.arguments(call["function"]?["arguments"])
        outputBytes += arguments.utf8.count + name.utf8.count
        let index = call["index"]?.intValue
        let known = blocks.lastIndex { block in
            guard let other = block.call else { return false }
            // Another id and a name: another call, though some servers give all of them the same number.
            if !id.isEmpty, !other.id.isEmpty, id != other.id, !name.isEmpty { return false }
            return index == nil ? id.isEmpty || id == other.id : index == other.index
        }
        if let known {
            blocks[known].append(arguments)
            if blocks[known].call?.name.isEmpty == true { blocks[known].call?.name = name }
            if blocks[known].call?.id.isEmpty == true { blocks[known].call?.id = id }
        } else {
            blocks.append(ChatBlock(call: .init(index: index, id: id, name: name), arguments: arguments))
        }
    }

    // MARK: What goes on

    private mutating func start(_ events: inout [JSONValue]) {
        guard !hasStarted else { return }
        hasStarted = true
        var usage = ChatWords.estimatedUsage(input: estimate, outputBytes: 0)
        if let known = self.usage { usage = known }
        events.append([
            "type": "message_start",
            "message": [
                "id": .string(id.isEmpty ? ChatWords.answerID(nil) : id), "type": "message", "role": "assistant",
                "model": .string(answeringModel ?? model), "content": [], "stop_reason": .null, "stop_sequence": .null,
                "usage": .object(usage),
            ],
        ])
    }

    private mutating func pass(isLast: Bool) throws(APIError) -> [JSONValue] {
        var events: [JSONValue] = []
        while current < blocks.count {
            open(&events)
            if let number = blocks[current].number, let delta = blocks[current].next() {
                events.append(["type": "content_block_delta", "index": .int(number), "delta": delta])
            }
            let hasLater = current < blocks.count - 1
            guard isLast || (hasLater && blocks[current].isClosed) else { break }
            try check(blocks[current])
            if let number = blocks[current].number {
                events.append(["type": "content_block_stop", "index": .int(number)])
            }
            current += 1
        }
        return events
    }

    /// A block is shown as soon as there is something to show: of a text its first word, of a call its name.
    private mutating func open(_ events: inout [JSONValue]) {
        guard blocks[current].number == nil, blocks[current].canBegin else { return }
        start(&events)
        let number = shown
        shown += 1
        blocks[current].number = number
        var block: JSONValue = ["type": "text", "text": ""]
        if let call = blocks[current].call {
            let id = ChatWords.callID(
                call.id.isEmpty ? nil : call.id, number: Int(number), answer: id, taken: taken)
            taken.insert(id)
            block = ["type": "tool_use", "id": .string(id), "name": .string(call.name), "input": [:]]
        }
        events.append(["type": "content_block_start", "index": .int(number), "content_block": block])
    }

    private func check(_ block: ChatBlock) throws(APIError) {
        guard block.call != nil else { return }
        guard block.number != nil else { throw ChatFailure.unknownTool }
        // One that the limit cut off is told by the stop reason.
        guard block.isWhole || finishReason == "length" else { throw ChatFailure.badArguments }
    }
}
