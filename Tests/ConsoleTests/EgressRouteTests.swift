import Console
import MCP
import Model
import Testing

@Suite struct EgressRouteTests {
    private static let routes = [("GET", "/api/egress"), ("POST", "/api/egress/allow"), ("POST", "/api/egress/deny")]
    private static let body: JSONObject = [
        "domain": "files.example.com", "scope": "channel", "name": "finance", "ports": [443], "what": "g1",
        "reason": "reports",
    ]

    private func send(
        _ method: String, _ path: String, _ console: TestConsole, _ body: JSONObject = Self.body,
        headers: [(String, String)] = []
    ) async throws -> Answer {
        try await request(
            method, socketURL(console, path), headers: headers,
            body: method == "POST" ? JSONValue.object(body).serialized() : nil)
    }

    @Test func anAdminGrantsAndTakesBackInTheirOwnNameAlone() async throws {
        let egress = FakeEgress()
        try await TestConsole.run(egress: egress) { console in
            for (method, path) in Self.routes.dropFirst() {
                let answer = try await send(method, path, console, headers: [("X-Bulkhead-As", "ben")])
                #expect(answer.status == 403, "\(path)")
            }
            #expect(egress.wishes.isEmpty && egress.denied.isEmpty)
            for (method, path) in Self.routes {
                let answer = try await send(method, path, console)
                #expect((200...201).contains(answer.status), "\(method) \(path)")
            }
            #expect(
                egress.wishes == [
                    EgressWish(
                        domain: "files.example.com", ports: [443], target: .channel("finance"), reason: "reports")
                ])
            #expect(egress.denied == ["g1"])
        }
    }

    @Test func aMemberNeitherSeesNorChangesWhatIsGranted() async throws {
        let egress = FakeEgress()
        try await TestConsole.run(egress: egress, user: { _ in FakeChat.ben }) { console in
            for (method, path) in Self.routes {
                let answer = try await send(method, path, console)
                #expect(answer.status == 403, "\(method) \(path)")
            }
            #expect(egress.wishes.isEmpty && egress.denied.isEmpty)
        }
    }

    /// What cannot be read must not be passed over: a list of ports left out means all of them.
    @Test(
        arguments: [
            ["ports": "443"], ["ports": ["443"]], ["ports": []], ["methods": [1]], ["paths": "/"], ["without_sni": 1],
            ["expires": "soon"], ["scope": "company"], ["scope": "world"], ["scope": "channel", "name": ""],
            ["domain": 1],
        ] as [JSONObject])
    func whatMakesNoSenseGrantsNothing(_ change: JSONObject) async throws {
        let egress = FakeEgress()
        try await TestConsole.run(egress: egress) { console in
            var body = Self.body
            for (key, value) in change { body[key] = value }
            let answer = try await send("POST", "/api/egress/allow", console, body)
            #expect(answer.status == 400, "\(change)")
            #expect(egress.wishes.isEmpty)
        }
    }
}
