import Console
import MCP
import Model
import Testing

@Suite struct SecretRouteTests {
    private static let routes: [(String, String)] = [
        ("GET", "/api/secrets"), ("POST", "/api/secrets"), ("DELETE", "/api/secrets/s1"),
        ("POST", "/api/secrets/s1/grants"), ("POST", "/api/secrets/s1/grants/revoke"), ("POST", "/api/vault/rotate"),
    ]

    private let body: JSONObject = [
        "name": "token", "scope": "person", "value": "v", "person": "ben", "hosts": ["example.com"],
    ]

    private func send(
        _ method: String, _ path: String, _ console: TestConsole, _ body: JSONObject? = nil,
        headers: [(String, String)] = []
    ) async throws -> Answer {
        try await request(
            method, socketURL(console, path), headers: headers,
            body: method == "POST" ? JSONValue.object(body ?? self.body).serialized() : nil)
    }

    @Test func inAnothersNameNobodyTouchesSecrets() async throws {
        try await TestConsole.run { console in
            for (method, path) in Self.routes {
                let answer = try await send(method, path, console, headers: [("X-Bulkhead-As", "ben")])
                #expect(answer.status == 403, "\(method) \(path)")
                let own = try await send(method, path, console)
                #expect((200...201).contains(own.status), "\(method) \(path)")
            }
        }
    }

    @Test func whatMakesNoSenseIsRefused() async throws {
        try await TestConsole.run { console in
            let bodies: [JSONObject] = [
                [:], ["name": "x", "scope": "person"], ["name": "x", "scope": "person", "value": 5],
                ["name": "x", "scope": "person", "value": "v", "hosts": "example.com"],
                ["name": "x", "scope": "person", "value": "v", "hosts": [1]],
            ]
            for body in bodies {
                let answer = try await send("POST", "/api/secrets", console, body)
                #expect(answer.status == 400, "\(body)")
            }
            for body in [[:], ["person": "a", "channel": "b"]] as [JSONObject] {
                let answer = try await send("POST", "/api/secrets/s1/grants", console, body)
                #expect(answer.status == 400)
            }
        }
    }
}
