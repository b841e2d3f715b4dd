package import MCP

extension SlackClient {
    /// Throws `unknownOutcome` where it may have been posted: look for its metadata before posting it again.
    package func post(_ message: SlackPost) async throws -> SlackPosted {
        try SlackPosted(try await call(.postMessage, message.arguments), .postMessage)
    }

    /// Only `user` sees it, and only while they look; nothing of it is kept. Answers its time stamp.
    @discardableResult
    package func postEphemeral(_ message: SlackPost, to user: String) async throws -> String {
        var arguments = message.arguments
        arguments["user"] = .string(user)
        for name in ["unfurl_links", "unfurl_media", "metadata", "reply_broadcast"] { arguments[name] = nil }
        return try AnswerReader(try await call(.postEphemeral, arguments), "chat.postEphemeral").text("message_ts")
    }

    /// Text alone takes the place of blocks too. Metadata stays as it is unless given.
    package func update(
        _ posted: SlackPosted, text: String, blocks: [JSONValue]? = nil, metadata: SlackMetadata? = nil
    ) async throws {
        try await call(
            .update,
            [
                "channel": .string(posted.channel), "ts": .string(posted.ts), "text": .string(text),
                "blocks": blocks.map(JSONValue.array) ?? .null, "metadata": metadata?.json ?? .null,
            ])
    }

    /// Gone is gone: no error where it was deleted before.
    package func delete(_ posted: SlackPosted) async throws {
        try await accepting(["message_not_found"]) {
            try await call(.delete, ["channel": .string(posted.channel), "ts": .string(posted.ts)])
        }
    }

    package func permalink(_ posted: SlackPosted) async throws -> String {
        let answer = try await call(
            .getPermalink, ["channel": .string(posted.channel), "message_ts": .string(posted.ts)])
        return try AnswerReader(answer, "chat.getPermalink").text("permalink")
    }

    /// `name` without colons. No error where it is there already.
    package func react(_ name: String, to posted: SlackPosted) async throws {
        try await accepting(["already_reacted"]) { try await call(.reactionsAdd, reaction(name, posted)) }
    }

    /// No error where it is not there.
    package func unreact(_ name: String, from posted: SlackPosted) async throws {
        try await accepting(["no_reaction"]) { try await call(.reactionsRemove, reaction(name, posted)) }
    }

    private func reaction(_ name: String, _ posted: SlackPosted) -> JSONObject {
        ["channel": .string(posted.channel), "timestamp": .string(posted.ts), "name": .string(name)]
    }

    /// For calls whose aim may be reached already, by the lost try before this one among others.
    func accepting(_ codes: Set<String>, _ call: () async throws -> Void) async throws {
        do {
            try await call()
        } catch let error as SlackError where codes.contains(error.code) {}
    }
}
