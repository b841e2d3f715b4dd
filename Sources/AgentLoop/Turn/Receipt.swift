package import MCP

/// What the harness's tool `receive` answered.
package struct Receipt: Sendable, Hashable {
    package struct Message: Sendable, Hashable {
        package var id: String
        package var from: String
        package var at: String
        package var text: String
        package var isCancellation: Bool
        package var attachments: [Attachment]
        /// What was said in the conversation before it, since the last message, and not to the assistant.
        package var context: [Line]

        package init(
            id: String, from: String, at: String = "", text: String, isCancellation: Bool = false,
            attachments: [Attachment] = [], context: [Line] = []
        ) {
            self.id = id
            self.from = from
            self.at = at
            self.text = text
            self.isCancellation = isCancellation
            self.attachments = attachments
            self.context = context
        }
    }

    package struct Attachment: Sendable, Hashable {
        package var name: String
        package var path: String
        package var mime: String
        package var bytes: Int64

        package init(name: String, path: String, mime: String, bytes: Int64) {
            self.name = name
            self.path = path
            self.mime = mime
            self.bytes = bytes
        }
    }

    /// What was said in the conversation before this session; with the first receipt only.
    package struct Context: Sendable, Hashable {
        package var system: String
        /// So many bytes of `system` are the same in every session.
        package var stableBytes: Int
        package var transcript: [Line]

        package init(system: String = "", stableBytes: Int = 0, transcript: [Line] = []) {
            self.system = system
            self.stableBytes = stableBytes
            self.transcript = transcript
        }
    }

    package struct Line: Sendable, Hashable {
        package var isAssistant: Bool
        package var from: String
        package var text: String
        /// Said to others in the conversation.
        package var isToOthers: Bool

        package init(isAssistant: Bool, from: String, text: String, isToOthers: Bool = false) {
            self.isAssistant = isAssistant
            self.from = from
            self.text = text
            self.isToOthers = isToOthers
        }
    }

    package struct Limits: Sendable, Hashable {
        /// Model calls in one turn.
        package var maximumTurns = 50
        package var maximumOutputTokens = 8192
        /// Of what all sessions have in common, and of the conversation after it.
        package var prefixLife = CacheLife.minutes
        package var conversationLife = CacheLife.minutes

        package init(maximumTurns: Int = 50, maximumOutputTokens: Int = 8192) {
            self.maximumTurns = maximumTurns
            self.maximumOutputTokens = maximumOutputTokens
        }
    }

    package var messages: [Message]
    package var context: Context?
    package var limits: Limits?

    package init(messages: [Message] = [], context: Context? = nil, limits: Limits? = nil) {
        self.messages = messages
        self.context = context
        self.limits = limits
    }
}

extension Receipt {
    /// Reads the structured content, or the same JSON given as text. `nil` where there is neither.
    package init?(_ result: CallToolResult) {
        guard let json = result.structuredContent ?? (try? JSONValue(parsing: result.text)),
            json.objectValue != nil
        else { return nil }
        self.init(json)
    }

    init(_ json: JSONValue) {
        let messages = (json["messages"]?.arrayValue ?? []).compactMap(Message.init)
        self.init(
            messages: messages, context: json["context"].flatMap(Context.init),
            limits: json["limits"].flatMap(Limits.init))
    }
}

extension Receipt.Message {
    fileprivate init?(_ json: JSONValue) {
        guard json.objectValue != nil else { return nil }
        self.init(
            id: json["id"]?.stringValue ?? "", from: json["from"]?.stringValue ?? "", at: json["at"]?.stringValue ?? "",
            text: json["text"]?.stringValue ?? "", isCancellation: json["kind"]?.stringValue == "cancel",
            attachments: (json["attachments"]?.arrayValue ?? []).map { attachment in
                Receipt.Attachment(
                    name: attachment["name"]?.stringValue ?? "", path: attachment["path"]?.stringValue ?? "",
                    mime: attachment["mime"]?.stringValue ?? "", bytes: attachment["bytes"]?.intValue ?? 0)
            }, context: (json["context"]?.arrayValue ?? []).map(Receipt.Line.init))
    }
}

extension Receipt.Context {
    fileprivate init?(_ json: JSONValue) {
        guard json.objectValue != nil else { return nil }
        self.init(
            system: json["system"]?.stringValue ?? "",
            stableBytes: json["stableBytes"]?.intValue.map { Int(clamping: $0) } ?? 0,
            transcript: (json["transcript"]?.arrayValue ?? []).map(Receipt.Line.init))
    }
}

extension Receipt.Line {
    fileprivate init(_ json: JSONValue) {
        self.init(
            isAssistant: json["role"]?.stringValue == "assistant", from: json["from"]?.stringValue ?? "",
            text: json["text"]?.stringValue ?? "", isToOthers: json["to"]?.stringValue == "others")
    }
}

extension Receipt.Limits {
    fileprivate init?(_ json: JSONValue) {
        guard json.objectValue != nil else { return nil }
        self.init()
        if let turns = json["maximumTurns"]?.intValue { maximumTurns = Int(clamping: min(max(turns, 1), 10_000)) }
        if let tokens = json["maximumOutputTokens"]?.intValue {
            maximumOutputTokens = Int(clamping: min(max(tokens, 1), 1_000_000))
        }
        func life(_ name: String) -> CacheLife {
            json["cache"]?[name]?.stringValue.flatMap(CacheLife.init) ?? .minutes
        }
        conversationLife = life("conversation")
        // The provider refuses a longer life after a shorter one.
        prefixLife = conversationLife == .hour ? .hour : life("prefix")
    }
}
