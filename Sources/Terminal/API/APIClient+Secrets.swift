package import MCP
internal import NIOHTTP1

extension APIClient {
    package func secrets() async throws -> JSONValue { try await get("/api/secrets").value }

    package func setSecret(_ body: JSONObject) async throws -> JSONValue { try await post("/api/secrets", body).value }

    package func removeSecret(_ id: String) async throws -> JSONValue {
        try await send(.DELETE, Self.secret(id), [], body: nil).value
    }

    package func grantSecret(_ id: String, _ isGranted: Bool, _ body: JSONObject) async throws -> JSONValue {
        try await post(Self.secret(id) + (isGranted ? "/grants" : "/grants/revoke"), body).value
    }

    package func vault() async throws -> JSONValue { try await get("/api/vault").value }

    package func rotateVault() async throws -> JSONValue {
        // Every secret is sealed anew: that may take a while.
        try await send(.POST, "/api/vault/rotate", [], body: Array("{}".utf8), patience: .seconds(300)).value
    }

    private static func secret(_ id: String) -> String { "/api/secrets/" + PercentEncoding.encode(id) }
}
