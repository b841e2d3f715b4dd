import AgentLoop
import MCP

/// Builds streamed answers of a model.
enum ModelStream {
    static func event(_ json: JSONValue) -> [UInt8] {
        let name = json["type"]?.stringValue ?? "message"
        return Array("event: \(name)\ndata: \(json.text)\n\n".utf8)
    }

    static func block(_ index: Int, _ start: JSONValue, _ deltas: [JSONValue]) -> [JSONValue] {
        let index = JSONValue.int(Int64(index))
        return [["type": "content_block_start", "index": index, "content_block": start]]
            + deltas.map { ["type": "content_block_delta", "index": index, "delta": $0] }
            + [["type": "content_block_stop", "index": index]]
    }

    static func text(_ index: Int, _ pieces: String...) -> [JSONValue] {
        block(
            index, ["type": "text", "text": ""], pieces.map { ["type": "text_delta", "text": .string($0)] })
    }

    static func tool(_ index: Int, id: String, name: String, json pieces: String...) -> [JSONValue] {
        block(
            index, ["type": "tool_use", "id": .string(id), "name": .string(name), "input": [:]],
            pieces.map { ["type": "input_json_delta", "partial_json": .string($0)] })
    }

    static func message(_ blocks: [[JSONValue]], stop: String = "end_turn") -> [JSONValue] {
        [["type": "message_start", "message": ["role": "assistant", "content": []]], ["type": "ping"]]
            + blocks.flatMap(\.self)
            + [
                ["type": "message_delta", "delta": ["stop_reason": .string(stop)], "usage": ["output_tokens": 5]],
                ["type": "message_stop"],
            ]
    }

    static func answer(_ text: String) -> [UInt8] { bytes(message([Self.text(0, text)])) }

    static func bytes(_ events: [JSONValue]) -> [UInt8] { events.flatMap(event) }

    static func response(_ body: [UInt8], status: String = "200 OK", type: String = "text/event-stream") -> [UInt8] {
        Array("HTTP/1.1 \(status)\r\nContent-Type: \(type)\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
            + Array("\(String(body.count, radix: 16))\r\n".utf8) + body + Array("\r\n0\r\n\r\n".utf8)
    }
}
