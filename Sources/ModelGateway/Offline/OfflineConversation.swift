internal import MCP

/// What a request tells about where a turn is: the tools there are, what people asked, what was called and what came
/// back. All of it is in the request; the offline model remembers nothing.
struct OfflineConversation: Sendable {
    /// One call that was made, with its result.
    struct Outcome: Sendable {
        let tool: String
        let input: JSONObject
        let result: String
        let failed: Bool
    }

    let tools: [OfflineTool]
    /// Since the last finished answer.
    let commands: [OfflineCommand]
    /// What was asked, for an answer to what is no command.
    let asked: String
    /// The calls of each of the model's messages in this turn.
    let rounds: [[Outcome]]
    /// How often the answer that is to be given was cut off at the output limit: the loop asks for the rest by a note.
    let continuations: Int
    /// Distinguishes this answer's ids from those of all others in the conversation.
    let position: Int

    init(_ request: JSONObject) {
        tools = (request["tools"]?.arrayValue ?? []).compactMap(OfflineTool.init)
        let messages = request["messages"]?.arrayValue ?? []
        position = messages.count
        // Where only a loop's own words follow an answer (it could not be delivered), it is given once more.
        let lastSaid = messages.lastIndex { message in
            message["role"]?.stringValue == "user"
                && Self.texts(message).contains { !OfflineUtterance($0).isNote }
        }
        let finished = messages[..<(lastSaid ?? messages.count)].indices.last {
            Self.isAssistant(messages[$0]) && Self.calls(in: messages[$0]).isEmpty
                && !Self.asksForTheRest(messages[($0 + 1)...].first)
        }
        let turn = messages[(finished.map { $0 + 1 } ?? 0)...]
        continuations = turn.reversed().filter(Self.isAssistant).prefix { Self.calls(in: $0).isEmpty }.count
        rounds = Self.rounds(turn)
        let said = turn.filter { $0["role"]?.stringValue == "user" }.flatMap(Self.texts).map(OfflineUtterance.init)
        // What was said before a session began carries no time: it is history, and was answered or given up.
        let current = said.contains { $0.isTimed } ? said.filter { $0.isTimed || !$0.isWrapped } : said
        let spoken = current.filter { !$0.isNote }
        commands = spoken.flatMap { utterance in
            OfflineCommand(answeredQuestion: utterance.text).map { [$0] }
                ?? OfflineCommandParser.parse(utterance.text, attachments: utterance.attachments)
        }
        asked = spoken.last?.text.trimmed ?? ""
    }

    private static func isAssistant(_ message: JSONValue) -> Bool { message["role"]?.stringValue == "assistant" }

    private static func asksForTheRest(_ message: JSONValue?) -> Bool {
        guard let message, message["role"]?.stringValue == "user" else { return false }
        return texts(message).contains { text in
            OfflineUtterance(text).isNote && text.contains("cut off at the output limit")
        }
    }

    private static func blocks(_ message: JSONValue) -> [JSONValue] {
        switch message["content"] {
        case .string(let text)?: [["type": "text", "text": .string(text)]]
        case .array(let blocks)?: blocks
        default: []
        }
    }

    private static func texts(_ message: JSONValue) -> [String] {
        blocks(message).filter { $0["type"]?.stringValue == "text" }.compactMap { $0["text"]?.stringValue }
    }

    private static func calls(in message: JSONValue) -> [JSONValue] {
        blocks(message).filter { $0["type"]?.stringValue == "tool_use" }
    }

    private static func rounds(_ turn: ArraySlice<JSONValue>) -> [[Outcome]] {
        var results: [String: JSONValue] = [:]
        for block in turn.flatMap(blocks) where block["type"]?.stringValue == "tool_result" {
            if let id = block["tool_use_id"]?.stringValue { results[id] = block }
        }
        return turn.filter(isAssistant).map(calls).filter { !$0.isEmpty }.map { calls in
            calls.map { call in
                let result = call["id"]?.stringValue.flatMap { results[$0] }
                return Outcome(
                    tool: call["name"]?.stringValue ?? "", input: call["input"]?.objectValue ?? [:],
                    result: result.map(text) ?? "(no result)", failed: result?["is_error"]?.boolValue ?? false)
            }
        }
    }

    private static func text(of result: JSONValue) -> String {
        blocks(result).map { block in
            switch block["type"]?.stringValue {
            case "text": block["text"]?.stringValue ?? ""
            case "image": "(an image of type \(block["source"]?["media_type"]?.stringValue ?? "unknown"))"
            default: "(\(block["type"]?.stringValue ?? "something"))"
            }
        }.joined(separator: "\n")
    }
}

/// A person's words out of the tags that an agent loop may put around them:
///
///     <message from="Anna" at="2026-05-04T09:00:00Z">
///     run ls
///     <attachment name="a.pdf" path="/workspace/thread/a.pdf" type="application/pdf" bytes="120"/>
///     </message>
struct OfflineUtterance: Sendable {
    var text: String
    var attachments: [String] = []
    var isWrapped = false
    var isTimed = false

    /// Something a loop says of its own accord stands in brackets.
    var isNote: Bool { !isWrapped && text.hasPrefix("[") && text.hasSuffix("]") }

    init(_ raw: String) {
        text = raw
        var lines = raw.split(separator: "\n", omittingEmptySubsequences: false)
        guard let first = lines.first, first.hasPrefix("<message "), first.hasSuffix(">"),
            let last = lines.lastIndex(of: "</message>")
        else { return }
        isWrapped = true
        isTimed = first.contains(" at=\"")
        lines = Array(lines[1..<max(last, 1)])
        attachments = lines.filter { $0.hasPrefix("<attachment ") }.compactMap(Self.path)
        let words = lines.filter { !$0.hasPrefix("<attachment ") }.joined(separator: "\n")
        // The loop guards its own tags in what people write.
        text = words.replacing("&lt;message", with: "<message").replacing("&lt;/message", with: "</message")
    }

    private static func path(_ line: Substring) -> String? {
        guard let start = line.firstRange(of: "path=\"") else { return nil }
        return String(line[start.upperBound...].prefix { $0 != "\"" })
    }
}
