package import MCP

extension APIClient {
    package func grants() async throws -> JSONValue {
        try await get("/api/grants").value
    }

    package func revokeGrant(_ id: String) async throws {
        _ = try await post("/api/grants/\(PercentEncoding.encode(id))/revoke", [:])
    }

    package func pauses() async throws -> JSONValue {
        try await get("/api/pauses").value
    }

    package func pause(_ scope: String, name: String?, reason: String) async throws {
        var body: JSONObject = ["scope": .string(scope), "reason": .string(reason)]
        body["name"] = name.map { .string($0) }
        _ = try await post("/api/pauses", body)
    }

    package func resume(_ scope: String, name: String?) async throws {
        var body: JSONObject = ["scope": .string(scope)]
        body["name"] = name.map { .string($0) }
        _ = try await post("/api/pauses/resume", body)
    }

    /// `since` in milliseconds since 1970.
    package func replay(policy: String, since: Int64?) async throws -> JSONValue {
        var body: JSONObject = ["policy": .string(policy)]
        body["since"] = since.map { .int($0) }
        return try await post("/api/policy/replay", body).value
    }

    package func slack() async throws -> JSONValue {
        try await get("/api/slack").value
    }

    package func slackAdmissions() async throws -> JSONValue {
        try await get("/api/slack/admissions").value
    }

    package func decideSlackAdmission(_ kind: String, _ id: String, allow: Bool) async throws -> JSONValue {
        try await post(
            "/api/slack/admissions", ["kind": .string(kind), "id": .string(id), "allow": .bool(allow)]
        ).value
    }

    /// `since` in milliseconds since 1970.
    package func feedback(since: Int64?) async throws -> JSONValue {
        try await get("/api/feedback" + (since.map { "?since=\($0)" } ?? "")).value
    }

    package func hooks() async throws -> JSONValue {
        try await get("/api/hooks").value
    }

    package func testHook(_ name: String, event: JSONObject) async throws -> JSONValue {
        try await post("/api/hooks/test", ["name": .string(name), "event": .object(event)]).value
    }

    package func recordSecurityBaseline(digest: String, isFirst: Bool, changes: [String]) async throws {
        _ = try await post(
            "/api/security/accepted",
            [
                "digest": .string(digest), "first": .bool(isFirst),
                "changes": .array(changes.prefix(200).map { .string(String($0.prefix(500))) }),
            ])
    }

    package func matchAudit(row: Int64, pointer: String, value: String) async throws -> JSONValue {
        try await post(
            "/api/audit/match", ["seq": .int(row), "pointer": .string(pointer), "value": .string(value)]
        ).value
    }

    package func eraseAudit(row: Int64, reason: String) async throws {
        _ = try await post("/api/audit/erase", ["seq": .int(row), "reason": .string(reason)])
    }

    package func auditWitnesses() async throws -> JSONValue {
        try await get("/api/audit/witnesses").value
    }

    package func pruneAudit(before: Int64) async throws -> JSONValue {
        try await post("/api/audit/prune", ["before": .int(before)]).value
    }
}
