import MCP

/// An answer of the Messages API as an agent puts it together, whole or from its events.
struct Said: Hashable {
    struct Call: Hashable {
        var id: String
        var name: String
        var input: JSONObject
    }

    var texts: [String] = []
    var calls: [Call] = []
    var stop: String?
    var sequence: String?
    /// For a stream: each block began, was closed before the next, and all came in the API's order.
    var isWellFormed = true

    var text: String { texts.joined() }

    init(message: JSONValue) {
        for block in message["content"]?.arrayValue ?? [] { add(block, input: block["input"]?.objectValue) }
        stop = message["stop_reason"]?.stringValue
        sequence = message["stop_sequence"]?.stringValue
    }

    init(events: [JSONValue]) {
        var open: (index: Int64, block: JSONValue, pieces: String)?
        var next: Int64 = 0
        var hasEnded = false
        isWellFormed = events.first?["type"] == "message_start" && events.last?["type"] == "message_stop"
        for event in events {
            if hasEnded, event["type"] != "message_stop" { isWellFormed = false }
            switch event["type"]?.stringValue {
            case "content_block_start":
                if open != nil || event["index"]?.intValue != next { isWellFormed = false }
                open = (next, event["content_block"] ?? .null, event["content_block"]?["text"]?.stringValue ?? "")
                next += 1
            case "content_block_delta":
                if event["index"]?.intValue != open?.index { isWellFormed = false }
                let delta = event["delta"]
                open?.pieces += delta?["text"]?.stringValue ?? delta?["partial_json"]?.stringValue ?? ""
            case "content_block_stop":
                guard let block = open, event["index"]?.intValue == block.index else {
                    isWellFormed = false
                    continue
                }
                if block.block["type"] == "text" {
                    texts.append(block.pieces)
                } else {
                    let input = block.pieces.isEmpty ? [:] : (try? JSONValue(parsing: block.pieces))?.objectValue
                    add(block.block, input: input)
                }
                open = nil
            case "message_delta":
                if open != nil { isWellFormed = false }
                hasEnded = true
                stop = event["delta"]?["stop_reason"]?.stringValue
                sequence = event["delta"]?["stop_sequence"]?.stringValue
            default: break
            }
        }
    }

    private mutating func add(_ block: JSONValue, input: JSONObject?) {
        switch block["type"]?.stringValue {
        case "text": texts.append(block["text"]?.stringValue ?? "")
        case "tool_use":
            calls.append(
                Call(
                    id: block["id"]?.stringValue ?? "", name: block["name"]?.stringValue ?? "",
                    input: input ?? ["unreadable": true]))
        default: break
        }
    }
}

extension HTTPReply {
    var said: Said {
        headers["content-type"]?.hasPrefix("text/event-stream") == true
            ? Said(events: events.map(\.data)) : Said(message: json)
    }
}
