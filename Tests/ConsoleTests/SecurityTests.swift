import Console
import MCP
import Testing

@Suite struct SecurityTests {
    static let addresses = [
        "/", "/audit", "/sessions", "/login", "/login?token=nonsense", "/c/t-1", "/n/c-home", "/api/me", "/api/nothing",
        "/nothing", "/assets/nothing/app.css", "/api/audit",
    ]

    @Test(arguments: addresses) func everyAnswerCarriesTheSecurityHeaders(path: String) async throws {
        try await TestConsole.run { console in
            let signedIn = try await Browser.signedIn(to: console)
            for browser in [Browser(console: console), signedIn] {
                let answer = try await browser.send("GET", path)
                let policy = try #require(answer.header("Content-Security-Policy"))
                #expect(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"))
                #expect(!policy.contains("unsafe") && !policy.contains("data:") && !policy.contains("*"))
                #expect(answer.header("X-Content-Type-Options") == "nosniff")
                #expect(answer.header("Referrer-Policy") == "no-referrer")
                #expect(answer.header("X-Frame-Options") == "DENY")
                #expect(answer.header("Cross-Origin-Opener-Policy") == "same-origin")
                #expect(answer.header("Cross-Origin-Resource-Policy") == "same-origin")
                #expect(answer.header("Cache-Control") == "no-store")
            }
        }
    }

    @Test func pagesHoldNoInlineScriptOrStyle() async throws {
        let handler = /<[^>]*\son[a-z]+=/
        try await TestConsole.run { console in
            let link = try await console.server.loginLink(for: FakeChat.ada)
            for path in ["/", "/audit", "/sessions", "/login", String(link.dropFirst(console.base.count))] {
                let html = try await Browser(console: console).send("GET", path).body
                #expect(!html.contains("<style") && !html.contains("style=") && !html.contains(handler), "\(path)")
                for script in html.split(separator: "<script").dropFirst() {
                    #expect(script.hasPrefix(" type=\"module\" src=\"/assets/"))
                }
            }
        }
    }

    @Test(arguments: ["evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1:1", "localhost.evil.example:80", ""])
    func anotherHostNameIsRefused(host: String) async throws {
        try await TestConsole.run { console in
            for path in ["/", "/api/me", "/login"] {
                let answer = try await Browser(console: console).send("GET", path, headers: [("Host", host)])
                #expect(answer.status == 403, "\(host) \(path)")
            }
            let local = try await Browser(console: console).send(
                "GET", "/", headers: [("Host", "LocalHost:\(console.port)")])
            #expect(local.status == 200)
        }
    }

    @Test func aConfiguredHostNameIsServedWithSecureCookies() async throws {
        try await TestConsole.run(publicOrigins: ["https://chat.example.com/"]) { console in
            let link = try await console.server.loginLink(for: FakeChat.ada)
            #expect(link.hasPrefix("https://chat.example.com/login?token="))
            let token = try #require(link.split(separator: "=").last)
            let headers = [("Host", "chat.example.com"), ("Origin", "https://chat.example.com")]
            let answer = try await Browser(console: console).send(
                "POST", "/login", headers: headers, body: Array("token=\(token)".utf8))
            let cookie = try #require(answer.header("Set-Cookie"))
            #expect(cookie.hasPrefix("__Host-bulkhead=") && cookie.contains("; Secure"))
            #expect(answer.header("Strict-Transport-Security") != nil)
        }
    }

    @Test func changesNeedTheCrossSiteToken() async throws {
        try await TestConsole.run { console in
            let browser = try await Browser.signedIn(to: console)
            let message: JSONValue = .object(["channel": "c-home", "text": "say hi", "client_id": "1"])
            for token in ["", "0", String(repeating: "0", count: 64), (browser.csrf ?? "") + "0"] {
                let answer = try await browser.post("/api/messages", message, headers: [("X-Bulkhead-CSRF", token)])
                #expect(answer.status == 403)
            }
            #expect(await console.chat.submitted.isEmpty)
            #expect(try await browser.post("/api/messages", message).status == 202)
        }
    }

    @Test(arguments: [
        [("Origin", "https://evil.example")], [("Origin", "null")], [("Sec-Fetch-Site", "cross-site")],
        [("Sec-Fetch-Site", "same-site")], [("Origin", "http://localhost:1")],
        [("Origin", "null"), ("Sec-Fetch-Site", "cross-site")],
    ])
    func changesFromElsewhereAreRefused(headers: [(String, String)]) async throws {
        try await TestConsole.run { console in
            let browser = try await Browser.signedIn(to: console)
            let message: JSONValue = .object(["channel": "c-home", "text": "say hi", "client_id": "1"])
            #expect(try await browser.post("/api/messages", message, headers: headers).status == 403)
            #expect(await console.chat.submitted.isEmpty)
        }
    }

    @Test func readingFromAnotherSiteIsRefused() async throws {
        try await TestConsole.run { console in
            let browser = try await Browser.signedIn(to: console)
            #expect(try await browser.send("GET", "/api/me", headers: [("Sec-Fetch-Site", "cross-site")]).status == 403)
            #expect(try await browser.send("GET", "/", headers: [("Sec-Fetch-Site", "cross-site")]).status == 200)
        }
    }

    @Test(arguments: [
        "/assets/../api/me", "/assets/..%2f..%2fetc%2fpasswd", "/assets/%00/app.css", "//etc/passwd",
        "/api/files/..", "/api/files/%2e%2e%2fsecret", "/api/conversations/../me", "/%2e%2e/%2e%2e/etc/passwd",
        "/api/conversations/T-UPPER", "/api/conversations/%F0%9F%98%80",
    ])
    func oddPathsFindNothing(path: String) async throws {
        try await TestConsole.run { console in
            let answer = try await Browser.signedIn(to: console).send("GET", path)
            #expect(answer.status == 404 || answer.status == 400, "\(path): \(answer.status)")
            #expect(!answer.body.contains("root:"))
        }
    }

    @Test func otherMethodsAreRefused() async throws {
        try await TestConsole.run { console in
            let browser = try await Browser.signedIn(to: console)
            for method in ["PUT", "DELETE", "TRACE", "PROPFIND"] {
                #expect(try await browser.send(method, "/api/me").status >= 400)
            }
        }
    }
}
