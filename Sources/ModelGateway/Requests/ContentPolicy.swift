internal import MCP

/// Content blocks: the listed kinds pass. Every other kind is something a provider did, ran, fetched or stored.
enum ContentPolicy {
    enum Place {
        case system, message, toolResult, document
    }

    static func check(_ content: JSONValue, at path: String, in place: Place) throws(APIError) {
        switch content {
        case .string: break
        case .null where place != .message: break
        case .array(let blocks):
            for (index, block) in blocks.enumerated() { try checkBlock(block, at: "\(path)[\(index)]", in: place) }
        default: throw APIError.refused("\(path): must be a text or a list of blocks.")
        }
    }

    private static func allowed(in place: Place) -> Set<String> {
        switch place {
        case .system: ["text"]
        case .message:
            [
                "text", "image", "document", "search_result", "thinking", "redacted_thinking", "tool_use",
                "tool_result",
            ]
        case .toolResult: ["text", "image", "document", "search_result"]
        case .document: ["text", "image"]
        }
    }

    private static func checkBlock(_ block: JSONValue, at path: String, in place: Place) throws(APIError) {
        guard let block = block.objectValue, let type = block["type"]?.stringValue else {
            throw APIError.refused("\(path): must be an object with a type.")
        }
        guard allowed(in: place).contains(type) else {
            throw APIError.refused("\(path).type: a block of type \(type.prefix(80)) is not allowed here.")
        }
        var own: Set<String> = ["type", "text", "cache_control"]
        switch type {
        case "image", "document":
            try checkSource(block["source"], at: "\(path).source", isDocument: type == "document")
            own.insert("source")
        case "tool_result":
            try check(block["content"] ?? .null, at: "\(path).content", in: .toolResult)
            own.insert("content")
        case "search_result":
            // `source` is a label that the model cites, never fetched.
            guard block["source"]?.stringValue != nil else { throw APIError.refused("\(path).source: must be a text.") }
            try check(block["content"] ?? .null, at: "\(path).content", in: .system)
            own.formUnion(["source", "content"])
        case "tool_use": own.insert("input")
        case "text": own.insert("citations")
        default: break
        }
        for (name, value) in block where !own.contains(name) {
            try RequestPolicy.checkUnknown(name, value, in: path)
        }
    }

    private static func checkSource(_ source: JSONValue?, at path: String, isDocument: Bool) throws(APIError) {
        guard let source = source?.objectValue, let type = source["type"]?.stringValue else {
            throw APIError.refused("\(path): must be an object with a type.")
        }
        guard type == "base64" || (isDocument && (type == "text" || type == "content")) else {
            throw APIError.refused(
                "\(path).type: \(type.prefix(80)) makes the model's provider fetch something; send the content itself as base64."
            )
        }
        for name in source.keys where !["type", "media_type", "data", "content"].contains(name) {
            throw APIError.refused("\(path).\(name.prefix(80)): not allowed here.")
        }
        if type == "content" { try check(source["content"] ?? .null, at: "\(path).content", in: .document) }
    }
}
