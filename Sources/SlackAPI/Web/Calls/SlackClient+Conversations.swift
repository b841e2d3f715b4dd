internal import MCP

extension SlackClient {
    package func channel(_ id: String, countsMembers: Bool = false) async throws -> SlackChannel {
        let answer = try await call(
            .conversationsInfo, ["channel": .string(id), "include_num_members": .bool(countsMembers)])
        return try read(answer["channel"], .conversationsInfo, "channel", SlackChannel.init)
    }

    /// Channels of the workspace that the app may see, at most 200,000.
    package func channels(
        _ kinds: [SlackChannel.Kind] = [.publicChannel], includesArchived: Bool = false
    ) -> SlackPages<SlackChannel> {
        pages(
            .conversationsList,
            ["types": Self.types(kinds), "exclude_archived": .bool(!includesArchived)], "channels", limit: 1000,
            most: 200, SlackChannel.init)
    }

    /// Channels that `user` and the app are both in; without `user`, those the app is in.
    package func channels(
        of user: String?, _ kinds: [SlackChannel.Kind] = SlackChannel.Kind.allCases
    ) -> SlackPages<SlackChannel> {
        pages(
            .usersConversations,
            ["user": user.map(JSONValue.string) ?? .null, "types": Self.types(kinds), "exclude_archived": true],
            "channels", limit: 200, most: 200, SlackChannel.init)
    }

    /// The ids of who is in a channel, at most 200,000.
    package func members(of channel: String) -> SlackPages<String> {
        pages(
            .conversationsMembers, ["channel": .string(channel)], "members", limit: 1000, most: 200, \.stringValue)
    }

    /// What was said at top level, newest first: after `oldest` and before `latest` (time stamps, not included themselves).
    package func history(
        _ channel: String, after oldest: String? = nil, before latest: String? = nil, withMetadata: Bool = false,
        pageSize: Int = 200, mostPages: Int = 50
    ) -> SlackPages<SlackMessage> {
        pages(
            .conversationsHistory,
            Self.between(channel, oldest, latest, withMetadata), "messages", limit: pageSize, most: mostPages,
            SlackMessage.init)
    }

    /// A thread from its first message on, oldest first. `oldest` and `latest` as above; the first message comes in any case.
    package func replies(
        _ channel: String, thread: String, after oldest: String? = nil, before latest: String? = nil,
        withMetadata: Bool = false, pageSize: Int = 200, mostPages: Int = 50
    ) -> SlackPages<SlackMessage> {
        var arguments = Self.between(channel, oldest, latest, withMetadata)
        arguments["ts"] = .string(thread)
        return pages(
            .conversationsReplies, arguments, "messages", limit: pageSize, most: mostPages, SlackMessage.init)
    }

    /// The direct conversation with one person, or that of up to eight.
    package func openDirect(_ users: [String]) async throws -> String {
        let answer = try await call(.conversationsOpen, ["users": .string(users.joined(separator: ","))])
        return try AnswerReader(answer["channel"], "conversations.open").text("id")
    }

    func read<Value>(
        _ json: JSONValue?, _ method: SlackMethod, _ member: String, _ make: (JSONValue) -> Value?
    ) throws -> Value {
        guard let json, let value = make(json) else { throw AnswerReader(nil, method.name).missing(member) }
        return value
    }

    private static func types(_ kinds: [SlackChannel.Kind]) -> JSONValue {
        .string(kinds.map(\.rawValue).joined(separator: ","))
    }

    private static func between(
        _ channel: String, _ oldest: String?, _ latest: String?, _ withMetadata: Bool
    ) -> JSONObject {
        [
            "channel": .string(channel), "oldest": oldest.map(JSONValue.string) ?? .null,
            "latest": latest.map(JSONValue.string) ?? .null,
            "include_all_metadata": withMetadata ? true : .null,
        ]
    }
}
