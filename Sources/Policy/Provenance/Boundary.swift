package import MCP

/// The marks around what comes from outside, for one session. Content cannot know them before it was written, and where
/// it has them later they are taken out, so it cannot close them.
package struct Boundary: Hashable, Sendable {
    package let token: String

    /// 128 bits of the system's random numbers.
    package init() {
        let bits = (0..<2).map { _ in String(UInt64.random(in: 0 ... .max), radix: 36) }.joined()
        token = "outside-" + bits
    }

    package var opening: String { "[[\(token)" }
    package var closing: String { "\(token)]]" }

    /// Every text part of the result between marks; `source` says in a word where it is from. Structured content stays
    /// what it is, for clients that check it, without the mark.
    package func wrapped(_ result: CallToolResult, from source: String) -> CallToolResult {
        var result = result
        if result.content.isEmpty, let structured = result.structuredContent {
            result.content = [.text(structured.text)]
        }
        result.content = result.content.map { part in
            guard let text = part.text else { return neutralised(part) }
            return .text(wrapped(text, from: source))
        }
        result.structuredContent = result.structuredContent.map(neutralised)
        return result
    }

    package func wrapped(_ text: String, from source: String) -> String {
        "\(opening) from \(source)\n\(neutralised(text))\n\(closing)"
    }

    private func neutralised(_ part: Content) -> Content {
        switch part {
        case .text, .image, .audio: part
        case .resourceLink, .resource, .other: (try? Content(json: neutralised(part.json))) ?? .text("[left out]")
        }
    }

    func neutralised(_ text: String) -> String {
        guard text.lowercased().contains(token) else { return text }
        var result = ""
        var rest = text[...]
        // Letter by letter of ASCII, in either case: whoever reads it may not mind the case.
        while let start = rest.indices.first(where: { rest[$0...].prefix(token.count).lowercased() == token }) {
            result += rest[..<start] + "(mark)"
            rest = rest[start...].dropFirst(token.count)
        }
        return result + rest
    }

    private func neutralised(_ value: JSONValue) -> JSONValue {
        switch value {
        case .string(let text): .string(neutralised(text))
        case .array(let items): .array(items.map(neutralised))
        case .object(let object):
            .object(JSONObject(object.map { (neutralised($0.key), neutralised($0.value)) }))
        case .null, .bool, .int, .double: value
        }
    }
}
