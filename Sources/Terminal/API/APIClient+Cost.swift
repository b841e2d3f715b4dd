package import MCP

extension APIClient {
    /// `since` in milliseconds since 1970; `nil`: this month.
    package func costs(by grouping: String, since: Int64?) async throws -> JSONValue {
        try await get(
            "/api/cost?by=\(PercentEncoding.encode(grouping))" + (since.map { "&since=\($0)" } ?? "")
        ).value
    }

    /// `candidate`: two thresholds.
    package func routes(since: Int64?, candidate: [Double]?) async throws -> JSONValue {
        let query = [
            since.map { "since=\($0)" },
            candidate.map { "thresholds=\($0.map { "\($0)" }.joined(separator: ","))" },
        ].compactMap(\.self)
        return try await get("/api/routes" + (query.isEmpty ? "" : "?" + query.joined(separator: "&"))).value
    }
}
