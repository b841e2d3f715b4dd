import Console
import MCP
import Model
import Testing

@Suite struct LoginTests {
    private func token(of link: String) throws -> String { String(try #require(link.split(separator: "=").last)) }

    @Test func openingTheLinkShowsWhoAndUsesNothingUp() async throws {
        try await TestConsole.run { console in
            let link = try await console.server.loginLink(for: FakeChat.ben)
            for _ in 0..<3 {
                let page = try await request("GET", link)
                #expect(page.status == 200 && page.body.contains("Ben Okri"))
                #expect(page.header("Set-Cookie") == nil)
            }
            let answer = try await request(
                "POST", console.base + "/login", body: Array("token=\(try token(of: link))".utf8))
            #expect(answer.status == 303 && answer.header("Location") == "/")
        }
    }

    @Test func theCookieIsOutOfReachOfScriptsAndOtherSites() async throws {
        try await TestConsole.run { console in
            let link = try await console.server.loginLink(for: FakeChat.ada)
            let answer = try await request(
                "POST", console.base + "/login", body: Array("token=\(try token(of: link))".utf8))
            let parts = try #require(answer.header("Set-Cookie")).split(separator: "; ").map(String.init)
            #expect(parts[0].hasPrefix("bulkhead-\(console.port)=") && parts[0].count > 64)
            #expect(Set(parts.dropFirst()) == ["Path=/", "Max-Age=2592000", "HttpOnly", "SameSite=Strict"])
        }
    }

    @Test func aLinkWorksOnce() async throws {
        try await TestConsole.run { console in
            let form = Array("token=\(try token(of: try await console.server.loginLink(for: FakeChat.ada)))".utf8)
            let answers = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<8 {
                    group.addTask { try await request("POST", console.base + "/login", body: form).status }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.filter { $0 == 303 }.count == 1)
            #expect(answers.filter { $0 == 404 }.count == 7)
        }
    }

    @Test func aLinkExpires() async throws {
        try await TestConsole.run { console in
            let link = try await console.server.loginLink(for: FakeChat.ada)
            console.clock.advance(by: .seconds(15 * 60 + 1))
            #expect(try await request("GET", link).status == 404)
            let answer = try await request(
                "POST", console.base + "/login", body: Array("token=\(try token(of: link))".utf8))
            #expect(answer.status == 404 && answer.header("Set-Cookie") == nil)
        }
    }

    @Test func aSessionExpiresUnlessUsed() async throws {
        try await TestConsole.run { console in
            let browser = try await Browser.signedIn(to: console)
            for _ in 0..<3 {
                console.clock.advance(by: .seconds(6 * 24 * 3600))
                #expect(try await browser.send("GET", "/api/me").status == 200)
            }
            console.clock.advance(by: .seconds(8 * 24 * 3600))
            let answer = try await browser.send("GET", "/api/me")
            #expect(answer.status == 401)
            #expect(try answer.error().message.contains("sign-in link"))
        }
    }

    @Test func signingOutEndsTheSession() async throws {
        try await TestConsole.run { console in
            let browser = try await Browser.signedIn(to: console)
            let answer = try await browser.post("/api/logout", .object([:]))
            #expect(answer.status == 200 && answer.header("Set-Cookie")?.contains("Max-Age=0") == true)
            #expect(try await browser.send("GET", "/api/me").status == 401)
        }
    }

    /// Another program on this machine's loopback can plant a cookie beside the browser's own.
    @Test func twoCookiesOfOneNameAreNobody() async throws {
        try await TestConsole.run { console in
            let own = try await Browser.signedIn(to: console)
            let other = try await Browser.signedIn(to: console)
            let (mine, planted) = (try #require(own.cookie), try #require(other.cookie))
            for both in ["\(mine); \(planted)", "\(planted); \(mine)", "\(planted) ;x=1;  \(mine)"] {
                let browser = Browser(console: console, cookie: both)
                #expect(try await browser.send("GET", "/api/me").status == 401)
            }
            let beside = Browser(console: console, cookie: "theme=dark; \(mine); x-\(planted)")
            #expect(try await beside.send("GET", "/api/me").status == 200)
        }
    }

    @Test(arguments: [
        "", "token=", "token=abc", "token=\(String(repeating: "0", count: 64))", "tok=1",
        "token=\(String(repeating: "Z", count: 64))", "token=" + String(repeating: "a", count: 4000),
    ])
    func nonsenseSignsNobodyIn(form: String) async throws {
        try await TestConsole.run { console in
            let answer = try await request("POST", console.base + "/login", body: Array(form.utf8))
            #expect(answer.status >= 400 && answer.header("Set-Cookie") == nil)
        }
    }

    @Test(arguments: ["", "x", String(repeating: "0", count: 64), "<script>", "../../etc"])
    func aForgedCookieIsNobody(value: String) async throws {
        try await TestConsole.run { console in
            let browser = Browser(console: console, cookie: "bulkhead-\(console.port)=\(value)")
            let answer = try await browser.send("GET", "/api/me")
            #expect(answer.status == 401)
        }
    }

    @Test func anAdminMakesLinksAndAMemberDoesNot() async throws {
        try await TestConsole.run { console in
            let ada = try await Browser.signedIn(to: console)
            let made = try await ada.post("/api/login-links", .object(["person": "ben"]))
            #expect(made.status == 201)
            let link = try #require(try made.json["url"]?.stringValue)
            #expect(try await request("GET", link).body.contains("Ben Okri"))
            let ben = try await Browser.signedIn(to: console, as: FakeChat.ben)
            #expect(try await ben.post("/api/login-links", .object(["person": "ben"])).status == 403)
            #expect(try await ada.post("/api/login-links", .object(["person": "zed"])).status == 404)
        }
    }
}
