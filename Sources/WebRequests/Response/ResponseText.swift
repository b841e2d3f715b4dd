internal import MCP

/// A response as the agent reads it.
struct ResponseText {
    var status: Int
    /// In the order they came.
    var headers: [(name: String, value: String)]
    var body: [UInt8]
    /// Of the body; more came and was left.
    var isCut: Bool

    private static let maximumHeaders = 40
    private static let maximumValue = 1024

    /// Cookies are the start of a session that nobody granted, and what is about the connection is no content.
    private static let left = ["set-cookie", "set-cookie2", "connection", "keep-alive", "transfer-encoding", "alt-svc"]

    var head: String {
        var lines = ["HTTP \(status)"]
        for (name, value) in headers.prefix(Self.maximumHeaders) where !Self.left.contains(name.lowercased()) {
            lines.append("\(name.lowercased()): \(Self.visible(value))")
        }
        if headers.count > Self.maximumHeaders { lines.append("(\(headers.count - Self.maximumHeaders) more headers)") }
        return lines.joined(separator: "\n")
    }

    var type: String { mediaType(parameters: false) }

    /// `nil` where it is no text.
    var text: String? {
        guard encoding == nil else { return nil }
        if body.isEmpty { return "" }
        if isHTML { return decoded.map(HTMLText.text(of:)) }
        if type.hasPrefix("text/") || type.hasSuffix("+json") || type.hasSuffix("+xml") || Self.texts.contains(type) {
            return decoded
        }
        guard type.isEmpty, !body.contains(0) else { return nil }
        return String(validating: body, as: UTF8.self)
    }

    /// How the body is packed, though it was asked for as it is: it is not unpacked here.
    var encoding: String? {
        headers.first { $0.name.lowercased() == "content-encoding" }.map { $0.value.lowercased() }
            .flatMap { $0.isEmpty || $0 == "identity" ? nil : $0 }
    }

    private static let texts: Set<String> = [
        "application/json", "application/xml", "application/javascript", "application/x-ndjson", "application/yaml",
        "application/x-yaml", "application/x-www-form-urlencoded", "application/graphql", "application/sql",
        "application/toml",
    ]

    private var isHTML: Bool { type == "text/html" || type == "application/xhtml+xml" }

    private var decoded: String? {
        let charset = mediaType(parameters: true)
        if charset.contains("charset=iso-8859-1") || charset.contains("charset=windows-1252") {
            return String(String.UnicodeScalarView(body.map { Unicode.Scalar($0) }))
        }
        // A character may have been cut in two at the end; what is mostly no text is none.
        let text = String(decoding: body, as: UTF8.self)
        let broken = text.unicodeScalars.count { $0 == "\u{FFFD}" || $0 == "\u{0}" }
        return broken <= max(1, text.unicodeScalars.count / 10) ? text : nil
    }

    private func mediaType(parameters: Bool) -> String {
        let value = headers.first { $0.name.lowercased() == "content-type" }?.value.lowercased() ?? ""
        let text = parameters ? value : String(value.prefix { $0 != ";" })
        return text.filter { $0 != " " && $0 != "\"" }
    }

    private static func visible(_ value: String) -> String {
        let plain = String(value.unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }.map(Character.init))
        return plain.utf8.count <= maximumValue ? plain : String(plain.prefix(maximumValue)) + "…"
    }
}
