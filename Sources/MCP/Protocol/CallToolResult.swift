/// What a tool call came to. A failure of the tool, bad arguments included, is a result with `isError`, so that the
/// model reads it and can do better; a protocol error is for what the model cannot mend.
package struct CallToolResult: Hashable, Sendable {
    package var content: [Content]
    /// Some clients show the model this in place of `content`: each has to make sense without the other.
    package var structuredContent: JSONValue?
    package var isError: Bool
    /// What clients may make use of and models are not shown.
    package var meta: JSONObject?

    package init(
        content: [Content] = [], structuredContent: JSONValue? = nil, isError: Bool = false, meta: JSONObject? = nil
    ) {
        self.content = content
        self.structuredContent = structuredContent
        self.isError = isError
        self.meta = meta
    }

    package static func text(_ text: String) -> CallToolResult {
        CallToolResult(content: [.text(text)])
    }

    package static func failure(_ text: String) -> CallToolResult {
        CallToolResult(content: [.text(text)], isError: true)
    }

    /// Structured content, and the same as text for clients that read only that.
    package static func structured(_ json: JSONObject) -> CallToolResult {
        CallToolResult(content: [.text(json.text)], structuredContent: .object(json))
    }

    /// All text parts, one after the other.
    package var text: String { content.compactMap(\.text).joined(separator: "\n") }

    package var json: JSONObject {
        var json: JSONObject = ["content": .array(content.map(\.json))]
        json["structuredContent"] = structuredContent
        if isError { json["isError"] = true }
        json["_meta"] = meta.map(JSONValue.object)
        return json
    }

    package init(json: JSONObject) throws(MCPError) {
        var content: [Content] = []
        if let parts = json["content"] {
            guard let parts = parts.arrayValue else { throw .invalidParams("content has to be an array") }
            for part in parts { content.append(try Content(json: part)) }
        }
        if let flag = json["isError"], flag.boolValue == nil { throw .invalidParams("isError has to be true or false") }
        self.init(
            content: content, structuredContent: json["structuredContent"],
            isError: json["isError"]?.boolValue ?? false, meta: json["_meta"]?.objectValue)
    }
}
