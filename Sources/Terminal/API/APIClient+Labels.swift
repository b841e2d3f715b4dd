package import MCP

extension APIClient {
    package func privateAnswers() async throws -> JSONValue {
        try await get("/api/answers").value
    }

    package func postAnswer(_ message: String) async throws {
        _ = try await post("/api/answers/\(PercentEncoding.encode(message))/post", [:])
    }

    package func labels() async throws -> JSONValue {
        try await get("/api/labels").value
    }

    package func clearLabels(ofVolume volume: String, reason: String) async throws {
        _ = try await post("/api/labels/clear", ["volume": .string(volume), "reason": .string(reason)])
    }
}
