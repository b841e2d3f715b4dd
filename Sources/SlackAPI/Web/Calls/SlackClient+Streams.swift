package import MCP

/// Who watches a message grow. Slack asks for it in channels.
package struct SlackRecipient: Hashable, Sendable {
    package var user: String
    package var team: String

    package init(user: String, team: String) {
        self.user = user
        self.team = team
    }
}

// A message that grows while people watch. Slack ends it by itself after some minutes; then, and where the reader stopped
// it, appending throws `message_not_in_streaming_state` or `stopped_by_user`.
extension SlackClient {
    /// The longest text of one call, in characters.
    package static let streamPiece = 12_000

    /// `thread` is required in direct conversations and for replies; `recipient` in channels.
    package func startStream(
        channel: String, thread: String?, recipient: SlackRecipient?, markdown: String = "", face: SlackFace? = nil
    ) async throws -> SlackPosted {
        var arguments: JSONObject = ["channel": .string(channel)]
        arguments["thread_ts"] = thread.map(JSONValue.string)
        if let recipient {
            arguments["recipient_user_id"] = .string(recipient.user)
            arguments["recipient_team_id"] = .string(recipient.team)
        }
        if !markdown.isEmpty { arguments["markdown_text"] = .string(markdown) }
        face?.add(to: &arguments)
        return try SlackPosted(try await call(.startStream, arguments), .startStream)
    }

    package func appendStream(_ posted: SlackPosted, markdown: String) async throws {
        try await call(
            .appendStream,
            ["channel": .string(posted.channel), "ts": .string(posted.ts), "markdown_text": .string(markdown)])
    }

    /// `blocks` are put under the text.
    package func stopStream(
        _ posted: SlackPosted, markdown: String = "", blocks: [JSONValue]? = nil, metadata: SlackMetadata? = nil
    ) async throws {
        try await call(
            .stopStream,
            [
                "channel": .string(posted.channel), "ts": .string(posted.ts),
                "markdown_text": markdown.isEmpty ? .null : .string(markdown),
                "blocks": blocks.map(JSONValue.array) ?? .null, "metadata": metadata?.json ?? .null,
            ])
    }
}
