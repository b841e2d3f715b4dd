internal import MCP

/// Something that happened in a conversation.
package enum ChatEvent: Sendable {
    case entry(Entry)
    case draft(text: String, reset: Bool)
    case tool(ToolCall)
    case approval(Approval)
    case approvalClosed(id: String, outcome: String)
    case state(String)
    case done

    /// `nil` for kinds of events that this program is too old to know.
    package init?(_ event: ServerSentEvent) throws(TerminalError) {
        let place = "event " + event.name
        func reader() throws(TerminalError) -> ResponseReader {
            do {
                return ResponseReader(value: try JSONValue(parsing: event.data), place: place)
            } catch {
                throw TerminalError(.protocolMismatch, "The daemon sent an event (\(event.name)) that is no JSON.")
            }
        }
        switch event.name {
        case "entry": self = .entry(try Entry(reader()))
        case "draft":
            let reader = try reader()
            self = .draft(text: try reader.string("text"), reset: reader.value["reset"]?.boolValue ?? false)
        case "tool": self = .tool(try ToolCall(reader()))
        case "approval": self = .approval(try Approval(reader()))
        case "approval_closed":
            let reader = try reader()
            self = .approvalClosed(id: try reader.string("id"), outcome: try reader.string("outcome"))
        case "state": self = .state(try reader().string("text"))
        case "done": self = .done
        default: return nil
        }
    }
}
