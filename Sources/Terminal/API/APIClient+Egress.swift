package import MCP

/// An address to be granted, as typed.
package struct EgressGrantWish: Sendable {
    private var body: JSONObject

    /// `expires` in milliseconds since 1970. Empty lists leave out what they would limit.
    package init(
        domain: String, ports: [Int], methods: [String], paths: [String], withoutSNI: Bool, scope: String,
        name: String?,
        expires: Int64?, reason: String
    ) {
        body = ["domain": .string(domain), "scope": .string(scope), "reason": .string(reason)]
        if !ports.isEmpty { body["ports"] = .array(ports.map { .int(Int64($0)) }) }
        if !methods.isEmpty { body["methods"] = .array(methods.map { .string($0) }) }
        if !paths.isEmpty { body["paths"] = .array(paths.map { .string($0) }) }
        if withoutSNI { body["without_sni"] = true }
        body["name"] = name.map { .string($0) }
        body["expires"] = expires.map { .int($0) }
    }

    fileprivate var json: JSONObject { body }
}

extension APIClient {
    package func egress() async throws -> JSONValue {
        try await get("/api/egress").value
    }

    package func allowEgress(_ wish: EgressGrantWish) async throws -> JSONValue {
        try await post("/api/egress/allow", wish.json).value
    }

    package func denyEgress(_ what: String, reason: String) async throws -> JSONValue {
        try await post("/api/egress/deny", ["what": .string(what), "reason": .string(reason)]).value
    }
}
