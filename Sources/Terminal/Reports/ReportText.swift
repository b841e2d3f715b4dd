internal import MCP

enum ReportText {
    /// `2026-11-22 15:04:05` of an RFC 3339 time; UTC, as stored.
    static func time(_ value: JSONValue?) -> String {
        guard let text = value?.stringValue else { return "" }
        return String(text.prefix(19)).replacing("T", with: " ")
    }
}
