package import MCP

extension SlackClient {
    /// Within three seconds of the click that `trigger` came with, and once.
    package func openView(trigger: String, _ view: JSONObject) async throws -> SlackView {
        try SlackView(
            try await call(.viewsOpen, ["trigger_id": .string(trigger), "view": .object(view)]), .viewsOpen)
    }

    /// With `hash`, only if nobody has changed it since: else `hash_conflict`.
    @discardableResult
    package func updateView(_ id: String, hash: String? = nil, _ view: JSONObject) async throws -> SlackView {
        try SlackView(
            try await call(
                .viewsUpdate,
                ["view_id": .string(id), "hash": hash.map(JSONValue.string) ?? .null, "view": .object(view)]),
            .viewsUpdate)
    }

    /// The Home tab as `user` sees it.
    @discardableResult
    package func publishHome(user: String, hash: String? = nil, _ view: JSONObject) async throws -> SlackView {
        try SlackView(
            try await call(
                .viewsPublish,
                ["user_id": .string(user), "hash": hash.map(JSONValue.string) ?? .null, "view": .object(view)]),
            .viewsPublish)
    }
}
