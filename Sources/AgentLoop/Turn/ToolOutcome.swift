package import MCP

/// What a tool call came to, as the model is shown it.
package struct ToolOutcome: Sendable, Hashable {
    private static let maximumTextBytes = 512 << 10
    private static let maximumImageBytes = 7 << 20
    private static let imageTypes: Set<String> = ["image/png", "image/jpeg", "image/gif", "image/webp"]

    /// The `tool_result` block.
    package let block: JSONValue

    package init(_ call: ToolCall, _ result: CallToolResult) {
        var content = result.content.compactMap(Self.content)
        if content.isEmpty {
            content = [Self.text(result.structuredContent.map { Self.bounded($0.text) } ?? "(no output)")]
        }
        var block: JSONObject = [
            "type": "tool_result", "tool_use_id": .string(call.id), "content": .array(content),
        ]
        if result.isError { block["is_error"] = true }
        self.block = .object(block)
    }

    package static func failure(_ call: ToolCall, _ message: String) -> ToolOutcome {
        ToolOutcome(call, .failure(message))
    }

    /// `nil` for text the API would refuse as empty.
    private static func content(_ content: Content) -> JSONValue? {
        switch content {
        case .text(let text): return text.isBlank ? nil : Self.text(bounded(text))
        case .image(let data, let type):
            guard imageTypes.contains(type), data.utf8.count <= maximumImageBytes else {
                return text("[an image of type \(type) and \(data.utf8.count / 4 * 3) bytes, which cannot be shown]")
            }
            let source: JSONValue = ["type": "base64", "media_type": .string(type), "data": .string(data)]
            return ["type": "image", "source": source]
        case .audio(_, let type): return text("[a sound of type \(type), which cannot be played]")
        case .resourceLink(let uri, let name, _, _): return text("[resource \(name): \(uri)]")
        case .resource(let resource):
            return text(bounded(resource["text"]?.stringValue ?? "[resource \(resource["uri"]?.stringValue ?? "")]"))
        case .other(let json):
            if json["type"]?.stringValue == "text", let said = json["text"]?.stringValue {
                return said.isBlank ? nil : text(bounded(said))
            }
            return text(bounded(json.text))
        }
    }

    private static func bounded(_ text: String) -> String {
        text.shortened(head: maximumTextBytes / 2, tail: maximumTextBytes / 2)
    }

    private static func text(_ text: String) -> JSONValue { ["type": "text", "text": .string(text)] }
}
