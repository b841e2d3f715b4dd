internal import MCP

enum ReportText {
    /// `2026-11-22 15:04:05` of an RFC 3339 time; UTC, as stored.
    static func time(_ value: JSONValue?) -> String {
        guard let text = value?.stringValue else { return "" }
        return String(text.prefix(19)).replacing("T", with: " ")
    }

    /// What a session or a folder carries, in plain words.
    static func labels(_ value: JSONValue?) -> String {
        (value?.arrayValue ?? []).compactMap(\.stringValue).map { $0 == "untrusted" ? "contains outside content" : $0 }
            .joined(separator: ", ")
    }
}
