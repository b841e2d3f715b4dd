internal import MCP
internal import Synchronization

extension SlackClient {
    /// Who the token is. From then on files may be fetched from the workspace's own address too.
    package func authTest() async throws -> SlackIdentity {
        let answer = try await answer(.authTest, [:])
        let identity = try SlackIdentity(answer.body, scopes: answer.scopes)
        if let url = SlackURL(identity.url) { workspace.withLock { $0 = url } }
        return identity
    }

    package func user(_ id: String) async throws -> SlackUser {
        try read(try await call(.usersInfo, ["user": .string(id)])["user"], .usersInfo, "user", SlackUser.init)
    }

    /// Everybody of the workspace, deactivated ones and bots too; at most 200,000.
    package func users() -> SlackPages<SlackUser> {
        pages(.usersList, [:], "members", limit: 200, most: 1000, SlackUser.init)
    }

    /// Nil where nobody active has that address.
    package func user(email: String) async throws -> SlackUser? {
        do {
            let answer = try await call(.usersLookupByEmail, ["email": .string(email)])
            return try read(answer["user"], .usersLookupByEmail, "user", SlackUser.init)
        } catch let error as SlackError where error.code == "users_not_found" {
            return nil
        }
    }

    /// What people see under a thread while the app works; an empty text takes it away. Slack lets it lapse after two minutes.
    /// At most ten loading messages of at most 50 characters.
    package func setStatus(
        channel: String, thread: String, _ status: String, loading: [String] = [], face: SlackFace? = nil
    ) async throws {
        var arguments: JSONObject = [
            "channel_id": .string(channel), "thread_ts": .string(thread), "status": .string(status),
        ]
        if !loading.isEmpty { arguments["loading_messages"] = .array(loading.map(JSONValue.string)) }
        face?.add(to: &arguments)
        try await call(.assistantSetStatus, arguments)
    }

    package func setTitle(channel: String, thread: String, _ title: String) async throws {
        try await call(
            .assistantSetTitle,
            ["channel_id": .string(channel), "thread_ts": .string(thread), "title": .string(title)])
    }

    /// One to four, each a title on a button and the message it sends.
    package func setSuggestedPrompts(
        channel: String, thread: String, title: String? = nil, _ prompts: [(title: String, message: String)]
    ) async throws {
        try await call(
            .assistantSetSuggestedPrompts,
            [
                "channel_id": .string(channel), "thread_ts": .string(thread),
                "title": title.map(JSONValue.string) ?? .null,
                "prompts": .array(
                    prompts.map { ["title": .string($0.title), "message": .string($0.message)] }),
            ])
    }
}
