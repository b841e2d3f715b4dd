package import MCP

extension APIClient {
    package func people() async throws -> JSONValue {
        try await get("/api/people").value
    }

    package func setActive(_ isActive: Bool, _ name: String) async throws -> JSONValue {
        try await post("/api/people/" + (isActive ? "activate" : "deactivate"), ["name": .string(name)]).value
    }

    /// `until` in milliseconds since 1970; `deputy` nil takes it back.
    package func setDeputy(_ deputy: String?, of name: String, until: Int64?) async throws -> JSONValue {
        var body: JSONObject = ["name": .string(name)]
        body["deputy"] = deputy.map { .string($0) }
        body["until"] = until.map { .int($0) }
        return try await post("/api/people/deputy", body).value
    }

    package func makeLinkCode() async throws -> JSONValue {
        try await post("/api/people/link-codes", [:]).value
    }

    package func redeemLinkCode(_ code: String) async throws -> JSONValue {
        try await post("/api/people/link", ["code": .string(code)]).value
    }

    package func unlink(_ account: String) async throws -> JSONValue {
        try await post("/api/people/unlink", ["account": .string(account)]).value
    }
}

extension APIClient {
    /// Everything there is to attack; for admins.
    package func surface() async throws -> JSONValue {
        try await get("/api/surface").value
    }
}
