package import MCP

/// A message as Slack shows it; `json` has all of it.
package struct SlackMessage: Hashable, Sendable {
    package let json: JSONValue
    package let ts: String
    package let text: String

    /// Nil where it has no `ts`.
    package init?(_ json: JSONValue) {
        guard let ts = json["ts"]?.stringValue else { return nil }
        self.json = json
        self.ts = ts
        text = json["text"]?.stringValue ?? ""
    }

    /// Its thread's first message; also set on that one itself.
    package var thread: String? { json["thread_ts"]?.stringValue }
    package var isReply: Bool { thread.map { $0 != ts } ?? false }
    package var subtype: String? { json["subtype"]?.stringValue }
    package var user: String? { json["user"]?.stringValue }
    package var team: String? { json["team"]?.stringValue ?? json["user_team"]?.stringValue }
    package var botID: String? { json["bot_id"]?.stringValue }
    package var appID: String? { json["app_id"]?.stringValue }
    package var metadata: SlackMetadata? { SlackMetadata(json["metadata"]) }
    package var files: [SlackFile] { (json["files"]?.arrayValue ?? []).compactMap(SlackFile.init) }
    package var replyCount: Int { Int(clamping: json["reply_count"]?.intValue ?? 0) }
}
