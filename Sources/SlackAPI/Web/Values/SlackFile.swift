package import MCP

/// A file in Slack; `json` has all Slack says.
package struct SlackFile: Hashable, Sendable {
    package let json: JSONValue
    package let id: String

    /// Nil where it has no `id`.
    package init?(_ json: JSONValue) {
        guard let id = json["id"]?.stringValue, !id.isEmpty else { return nil }
        self.json = json
        self.id = id
    }

    package var name: String { json["name"]?.stringValue ?? id }
    package var title: String { json["title"]?.stringValue ?? name }
    package var mimeType: String? { json["mimetype"]?.stringValue }
    /// As Slack announces it: a claim until the bytes are there.
    package var size: Int? { json["size"]?.intValue.map { Int(clamping: $0) } }
    /// `tombstone`, `hidden_by_limit`, `external`: there are no bytes to be had.
    package var mode: String? { json["mode"]?.stringValue }
    /// In a channel shared with another company a file comes as an id alone: ask `fileInfo`.
    package var needsLookUp: Bool { json["file_access"]?.stringValue == "check_file_info" }
    package var downloadAddress: String? {
        json["url_private_download"]?.stringValue ?? json["url_private"]?.stringValue
    }
}
