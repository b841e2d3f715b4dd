import Console
import Glibc
import MCP
import Model
import Testing

@Suite struct PeopleRouteTests {
    private func socket(
        _ method: String, _ path: String, _ console: TestConsole, headers: [(String, String)] = [],
        _ body: JSONValue? = nil
    ) async throws -> Answer {
        try await request(method, socketURL(console, path), headers: headers, body: body?.serialized())
    }

    @Test func aStrangerAtTheSocketMayTryACodeAndNothingElse() async throws {
        try await TestConsole.run(user: { _ in nil }) { console in
            let tried = try await socket("POST", "/api/people/link", console, .object(["code": "AAAAA-BBBBB"]))
            #expect(tried.status == 200)
            #expect(try tried.json["user"]?.intValue == Int64(geteuid()), "the kernel's word, not the caller's")
            for path in ["/api/people", "/api/people/link-codes", "/api/people/deputy", "/api/me"] {
                let answer = try await socket(
                    path == "/api/people" || path == "/api/me" ? "GET" : "POST", path, console)
                #expect(answer.status == 403, "\(path)")
            }
        }
    }

    /// What a browser holds can be stolen; an account that was linked with it would stay.
    @Test func aBrowserLinksNothing() async throws {
        try await TestConsole.run { console in
            let browser = try await Browser.signedIn(to: console)
            #expect(try await browser.post("/api/people/link-codes", .object([:])).status == 404)
            #expect(try await browser.post("/api/people/link", .object(["code": "A"])).status == 404)
            #expect(try await browser.send("GET", "/api/people").status == 200)
            #expect(try await socket("POST", "/api/people/link-codes", console, .object([:])).status == 201)
        }
    }

    @Test func inAnothersNameNobodyIsPutOutLinkedOrGivenADeputy() async throws {
        try await TestConsole.run { console in
            for path in ["deactivate", "activate", "deputy", "unlink", "link-codes"] {
                let answer = try await socket(
                    "POST", "/api/people/" + path, console, headers: [("X-Bulkhead-As", "ben")],
                    .object(["name": "cleo", "account": "x", "deputy": "ben"]))
                #expect(answer.status == 403, "\(path)")
            }
        }
    }
}
