internal import MCP

/// Content blocks of the Messages API as what a chat completion's message can hold: text and images.
enum ChatContent {
    enum Part {
        case text(String)
        /// As a `data:` URL.
        case image(String)

        var isImage: Bool {
            if case .image = self { true } else { false }
        }
    }

    /// What every server that sees images can read.
    static let imageTypes: Set<String> = ["image/png", "image/jpeg", "image/gif", "image/webp"]

    static func parts(of content: JSONValue, at path: String) throws(APIError) -> [Part] {
        if let text = content.stringValue { return text.isEmpty ? [] : [.text(text)] }
        var parts: [Part] = []
        for (index, block) in (content.arrayValue ?? []).enumerated() {
            parts += try self.parts(ofBlock: block, at: "\(path)[\(index)]")
        }
        return parts
    }

    private static func parts(ofBlock block: JSONValue, at path: String) throws(APIError) -> [Part] {
        switch block["type"]?.stringValue {
        case "text": return text(block["text"])
        case "image": return [try image(block["source"], at: "\(path).source")]
        case "document": return text(block["title"]) + (try document(block["source"], at: "\(path).source"))
        case "search_result":
            let head = ["title", "source"].compactMap { block[$0]?.stringValue }.filter { !$0.isEmpty }
            return text(.string(head.joined(separator: "\n")))
                + (try parts(of: block["content"] ?? "", at: "\(path).content"))
        default:
            throw APIError.refused("\(path): this model takes text and images here.")
        }
    }

    private static func text(_ value: JSONValue?) -> [Part] {
        guard let text = value?.stringValue, !text.isEmpty else { return [] }
        return [.text(text)]
    }

    private static func image(_ source: JSONValue?, at path: String) throws(APIError) -> Part {
        let type = source?["media_type"]?.stringValue ?? ""
        guard imageTypes.contains(type) else {
            throw APIError.refused(
                "\(path).media_type: \(type.isEmpty ? "is missing" : "\(type.prefix(80)) is no image this model can see"); "
                    + "it can see \(imageTypes.sorted().joined(separator: ", ")).")
        }
        guard let data = source?["data"]?.stringValue, !data.isEmpty, data.utf8.allSatisfy(isBase64) else {
            throw APIError.refused("\(path).data: must be an image in base64.")
        }
        return .image("data:\(type);base64,\(data)")
    }

    private static func document(_ source: JSONValue?, at path: String) throws(APIError) -> [Part] {
        switch source?["type"]?.stringValue {
        case "text": return text(source?["data"])
        case "content": return try parts(of: source?["content"] ?? "", at: "\(path).content")
        default:
            throw APIError.refused(
                "\(path): this model cannot read documents of type \((source?["media_type"]?.text ?? "?").prefix(80)); "
                    + "give it their text.")
        }
    }

    private static func isBase64(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="):
            true
        default: false
        }
    }

    /// The text of parts, images left out.
    static func text(of parts: [Part]) -> String {
        parts.compactMap { if case .text(let text) = $0 { text } else { nil } }.joined(separator: "\n\n")
    }

    /// One text where there is nothing else: not every server takes a list.
    static func content(of parts: [Part]) -> JSONValue {
        guard parts.contains(where: \.isImage) else { return .string(text(of: parts)) }
        return .array(
            parts.map { part in
                switch part {
                case .text(let text): ["type": "text", "text": .string(text)]
                case .image(let url): ["type": "image_url", "image_url": ["url": .string(url)]]
                }
            })
    }
}
