package import MCP
package import Model

/// Who the daemon takes us for, and what it is.
package struct Account: Sendable {
    package var name: String
    package var role: String
    package var assistant: String
    package var model: String
    package var starters: [Starter]

    package init(_ reader: ResponseReader) throws(TerminalError) {
        let person = try reader.object("person")
        name = try person.string("name")
        role = try person.string("role")
        let assistant = try reader.object("assistant")
        self.assistant = try assistant.string("name")
        model = try assistant.string("model")
        starters = try reader.list("starters", Starter.init)
    }
}

/// Something to begin with, offered in an empty chat.
package struct Starter: Sendable {
    package var title: String
    package var text: String

    package init(_ reader: ResponseReader) throws(TerminalError) {
        title = try reader.string("title")
        text = try reader.string("text")
    }
}

package struct Channel: Sendable {
    package var id: String
    package var name: String
    package var isDirect: Bool
    package var conversations: [Conversation]

    package init(_ reader: ResponseReader) throws(TerminalError) {
        id = try reader.string("id")
        name = try reader.string("name")
        isDirect = try reader.string("kind") == "dm"
        conversations = try reader.list("conversations", Conversation.init)
    }
}

package struct Conversation: Sendable {
    package var id: String
    package var title: String
    package var updated: String
    package var mode: Mode

    package init(_ reader: ResponseReader) throws(TerminalError) {
        id = try reader.string("id")
        title = try reader.string("title")
        updated = try reader.string("updated")
        mode = try reader.value("mode", of: Mode.self)
    }
}

package struct Attachment: Sendable, Hashable {
    package var id: String
    package var name: String
    package var bytes: Int64

    package init(_ reader: ResponseReader) throws(TerminalError) {
        id = try reader.string("id")
        name = try reader.string("name")
        bytes = try reader.integer("bytes")
    }
}

package struct Entry: Sendable {
    package enum Kind: String, Sendable {
        case user, assistant, notice
    }

    package var sequence: Int64
    package var id: String
    package var kind: Kind
    package var author: String
    package var text: String
    package var at: String
    package var attachments: [Attachment]
    package var tools: [ToolCall]
    /// The message that opened the turn this ends, where the daemon says so.
    package var inReplyTo: String?
    /// Of an answer that only we can read: what posts it where it was asked.
    package var privateAnswer: String?

    package init(_ reader: ResponseReader) throws(TerminalError) {
        inReplyTo = reader.optionalString("in_reply_to")
        sequence = try reader.integer("seq")
        id = try reader.string("id")
        kind = try reader.value("kind", of: Kind.self)
        author = try reader.string("author")
        text = try reader.string("text")
        at = try reader.string("at")
        attachments = try reader.list("attachments", Attachment.init)
        tools = try reader.list("tools", ToolCall.init)
        takePrivateAnswer(reader.value["private_answer"])
    }

    /// In the thread a line stands for the answer: whoever it is for is shown the answer in its place.
    private mutating func takePrivateAnswer(_ answer: JSONValue?) {
        guard let answer, let message = answer["message"]?.stringValue, let words = answer["text"]?.stringValue
        else { return }
        privateAnswer = message
        guard message != id else { return }
        let isPosted = answer["posted"]?.boolValue == true
        kind = .assistant
        text =
            words + "\n\n"
            + (isPosted
                ? "_Answered privately, and posted here._"
                : "_Answered privately: nobody else here reads this. `bulkhead answers post \(message)` posts it._")
    }
}

package struct ToolCall: Sendable, Hashable {
    package enum State: String, Sendable {
        case running, waiting, done, failed, denied, cancelled

        package var isOver: Bool { self != .running && self != .waiting }
    }

    package var call: String
    package var tool: String
    package var arguments: JSONValue
    package var state: State
    package var result: String?
    package var milliseconds: Int64?
    /// What it changed is kept, and not undone.
    package var isUndoable: Bool

    package init(_ reader: ResponseReader) throws(TerminalError) {
        call = try reader.string("call")
        tool = try reader.string("tool")
        arguments = reader.value["arguments"] ?? .null
        state = try reader.value("state", of: State.self)
        result = reader.optionalString("result")
        milliseconds = reader.optionalInteger("milliseconds")
        isUndoable = reader.value["undo"]?["state"]?.stringValue == "possible"
    }
}

package struct Approval: Sendable, Hashable {
    package var id: String
    package var tool: String
    package var effect: String
    package var arguments: JSONValue
    package var reason: String
    package var requester: String
    package var expires: String
    package var details: String?
    package var rule: String
    /// Who may decide, in words.
    package var approvers: String
    package var labels: [String]
    /// Whether whoever is at this terminal may decide; how far a yes may reach beyond the call.
    package var isYours: Bool
    package var scopes: [GrantScope]
    package var isExact: Bool

    package init(_ reader: ResponseReader) throws(TerminalError) {
        details = reader.optionalString("details")
        id = try reader.string("id")
        tool = try reader.string("tool")
        effect = try reader.string("effect")
        arguments = reader.value["arguments"] ?? .null
        reason = try reader.string("reason")
        requester = try reader.string("requester")
        expires = try reader.string("expires")
        rule = try reader.string("rule")
        approvers = try reader.string("approvers")
        labels = (reader.value["labels"]?.arrayValue ?? []).compactMap(\.stringValue)
        isYours = reader.value["yours"]?.boolValue == true
        scopes = (reader.value["scopes"]?.arrayValue ?? []).compactMap {
            $0.stringValue.flatMap { GrantScope(rawValue: $0) }
        }
        isExact = reader.value["exact"]?.boolValue != false
    }
}

package struct MessageReceipt: Sendable, Hashable {
    package var message: String
    package var conversation: String

    package init(_ reader: ResponseReader) throws(TerminalError) {
        message = try reader.string("message")
        conversation = try reader.string("conversation")
    }
}

package struct ConversationTranscript: Sendable {
    package var conversation: Conversation
    package var entries: [Entry]

    package init(_ reader: ResponseReader) throws(TerminalError) {
        conversation = try Conversation(reader.object("conversation"))
        entries = try reader.list("entries", Entry.init)
    }
}
