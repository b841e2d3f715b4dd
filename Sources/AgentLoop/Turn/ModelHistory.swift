package import MCP

/// The conversation as the model sees it: user and assistant messages that take turns, each a list of content blocks.
package struct ModelHistory: Sendable, Hashable {
    private struct Message: Sendable, Hashable {
        var isAssistant: Bool
        var content: [JSONValue]
    }

    private var history: [Message] = []

    package init() {}

    /// What was said before this session.
    package init(transcript: [Receipt.Line]) {
        for line in transcript where !line.text.isBlank {
            if line.isAssistant {
                append([Self.text(line.text)], isAssistant: true)
            } else {
                appendUser(text: SpokenText.line(line))
            }
        }
    }

    package var endsWithUser: Bool { history.last.map { !$0.isAssistant } ?? false }

    package mutating func appendUser(text: String) {
        append([Self.text(text)], isAssistant: false)
    }

    package mutating func appendAssistant(text: String) {
        append([Self.text(text)], isAssistant: true)
    }

    /// Blocks as the model sent them; false where nothing of them may be sent back. Empty text and thinking that nothing
    /// follows would be refused by the API.
    @discardableResult
    package mutating func appendAssistant(_ content: [JSONObject]) -> Bool {
        var blocks = content.filter { $0["type"]?.stringValue != "text" || !($0["text"]?.stringValue ?? "").isBlank }
        while let type = blocks.last?["type"]?.stringValue, type.hasSuffix("thinking") { blocks.removeLast() }
        guard !blocks.isEmpty else { return false }
        append(blocks.map(JSONValue.object), isAssistant: true)
        return true
    }

    /// The results of all calls of the model's last message, in the order it asked.
    package mutating func append(_ results: [ToolOutcome]) {
        append(results.map(\.block), isAssistant: false)
    }

    private mutating func append(_ blocks: [JSONValue], isAssistant: Bool) {
        guard !blocks.isEmpty else { return }
        if history.isEmpty, isAssistant { appendUser(text: SpokenText.note("the conversation so far begins with you")) }
        if let last = history.indices.last, history[last].isAssistant == isAssistant {
            history[last].content += blocks
        } else {
            history.append(Message(isAssistant: isAssistant, content: blocks))
        }
    }

    /// For a request. The last two user messages end in a cache breakpoint: the newest for the next call to find, the
    /// one before because the provider looks back 20 blocks only from where it is asked to.
    package func messages(keptFor life: CacheLife = .minutes) -> [JSONValue] {
        var breakpoints = 2
        var result: [JSONValue] = []
        for message in history.reversed() {
            var content = message.content
            if !message.isAssistant, breakpoints > 0, case .object(var block)? = content.last {
                breakpoints -= 1
                block["cache_control"] = life.mark
                content[content.count - 1] = .object(block)
            }
            result.append(["role": message.isAssistant ? "assistant" : "user", "content": .array(content)])
        }
        return result.reversed()
    }

    // MARK: Making room

    private static let worthDropping = 512
    private static let keptOfNewest = 2048

    /// Leaves out the older half of the tool results, or shortens the newest where only they are left. False where
    /// there is nothing to gain.
    package mutating func condense() -> Bool {
        let newest = history.lastIndex { !$0.isAssistant }
        var places: [(message: Int, block: Int, bytes: Int)] = []
        for (index, message) in history.enumerated() where index != newest && !message.isAssistant {
            for (block, value) in message.content.enumerated() where value["type"]?.stringValue == "tool_result" {
                let bytes = value["content"]?.serialized().count ?? 0
                if bytes > Self.worthDropping { places.append((index, block, bytes)) }
            }
        }
        for place in places.prefix((places.count + 1) / 2) {
            let note =
                "this result of \(place.bytes) bytes was left out to make room; call the tool again if you need it"
            replaceResult(place.message, place.block, with: [Self.text(SpokenText.note(note))])
        }
        if !places.isEmpty { return true }
        return newest.map { shortenResults(of: $0) } ?? false
    }

    private mutating func shortenResults(of message: Int) -> Bool {
        var hasGained = false
        for (block, value) in history[message].content.enumerated() where value["type"]?.stringValue == "tool_result" {
            let content = value["content"]?.arrayValue ?? []
            let bytes = value["content"]?.serialized().count ?? 0
            guard bytes > 2 * Self.keptOfNewest + 1024 else { continue }
            let text = content.compactMap { $0["text"]?.stringValue }.joined(separator: "\n")
            let kept = text.shortened(head: Self.keptOfNewest, tail: Self.keptOfNewest)
            let note = SpokenText.note("shortened from \(bytes) bytes to make room; ask for a part if you need more")
            replaceResult(message, block, with: [Self.text(kept.isBlank ? note : kept + "\n" + note)])
            hasGained = true
        }
        return hasGained
    }

    private mutating func replaceResult(_ message: Int, _ block: Int, with content: [JSONValue]) {
        guard case .object(var object) = history[message].content[block] else { return }
        object["content"] = .array(content)
        history[message].content[block] = .object(object)
    }

    private static func text(_ text: String) -> JSONValue { ["type": "text", "text": .string(text)] }
}

extension StringProtocol {
    var isBlank: Bool { utf8.allSatisfy { $0 == 0x20 || (0x09...0x0D).contains($0) } }
}

extension String {
    /// At most `head` and `tail` bytes of the two ends, never half a character, and what was left out in between.
    func shortened(head: Int, tail: Int) -> String {
        guard utf8.count > head + tail else { return self }
        var start = utf8.index(utf8.startIndex, offsetBy: head)
        while start > startIndex, utf8[start] & 0xC0 == 0x80 { start = utf8.index(before: start) }
        var end = utf8.index(utf8.endIndex, offsetBy: -tail)
        while end < endIndex, utf8[end] & 0xC0 == 0x80 { end = utf8.index(after: end) }
        let omitted = utf8.distance(from: start, to: end)
        return "\(self[..<start])\n[… \(omitted) bytes left out …]\n\(self[end...])"
    }
}
