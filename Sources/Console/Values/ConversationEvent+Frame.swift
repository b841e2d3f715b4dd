internal import Conversations
internal import MCP
internal import Model
internal import NIOCore

extension ConversationEvent {
    /// One event of a `text/event-stream`. JSON text has no line break in it, so the data is always one line.
    func frame(mayAnswer: Bool) -> ByteBuffer {
        let (name, data, id): (String, JSONValue, Int64?) =
            switch self {
            case .entry(let entry): ("entry", entry.json, entry.sequence)
            case .draft(let text, let reset): ("draft", .object(["text": .string(text), "reset": .bool(reset)]), nil)
            case .tool(let activity): ("tool", activity.json, nil)
            case .approval(let approval): ("approval", approval.json(mayAnswer: mayAnswer), nil)
            case .approvalClosed(let id, let outcome):
                ("approval_closed", .object(["id": .string(id.rawValue), "outcome": .string(outcome)]), nil)
            case .state(let text): ("state", .object(["text": .string(text)]), nil)
            case .done: ("done", .object([:]), nil)
            }
        var frame = ByteBuffer()
        if let id { frame.writeString("id: \(id)\n") }
        frame.writeString("event: \(name)\ndata: ")
        frame.writeBytes(data.serialized())
        frame.writeString("\n\n")
        return frame
    }
}
