import AsyncHTTPClient
import Console
import MCP
import Model
import NIOCore
import NIOHTTP1
import Testing

/// Who was let in is asked again: at each request, and while a stream is open.
@Suite struct AdmissionTests {
    private func conversation(_ browser: Browser) async throws -> String {
        let answer = try await browser.post(
            "/api/messages", .object(["channel": "c-home", "text": "wait", "client_id": "1"]))
        return try #require(try answer.json["conversation"]?.stringValue)
    }

    @Test func aRemovedPersonIsOutAtTheNextRequest() async throws {
        try await TestConsole.run { console in
            let browser = try await Browser.signedIn(to: console, as: FakeChat.ben)
            #expect(try await browser.send("GET", "/api/me").status == 200)
            console.admissions.remove(FakeChat.ben)
            #expect(try await browser.send("GET", "/api/me").status == 401)
            // Being let in again is no sign-in.
            console.admissions.restore(FakeChat.ben)
            #expect(try await browser.send("GET", "/api/me").status == 401)
        }
    }

    @Test func aNewRoleCountsAtTheNextRequest() async throws {
        try await TestConsole.run { console in
            let browser = try await Browser.signedIn(to: console, as: FakeChat.cleo)
            #expect(try await browser.send("GET", "/api/audit").status == 200)
            await console.chat.setRole(.member, of: FakeChat.cleo)
            #expect(try await browser.send("GET", "/api/audit").status == 403)
        }
    }

    @Test func whoWasRemovedIsNobodyAtTheSocketEither() async throws {
        try await TestConsole.run { console in
            console.admissions.remove(FakeChat.ben)
            for (path, method, body) in [
                ("/api/me", "GET", nil),
                ("/api/login-links", "POST", JSONValue.object(["person": "ben"]).serialized()),
            ] {
                let headers = method == "GET" ? [("X-Bulkhead-As", "ben")] : []
                let answer = try await request(method, socketURL(console, path), headers: headers, body: body)
                #expect(answer.status == 403)
                #expect(try answer.error().message.contains("may not use Bulkhead any more"))
            }
            console.admissions.remove(FakeChat.ada)
            #expect(try await request("GET", socketURL(console, "/api/me")).status == 403)
        }
    }

    enum Ending: CaseIterable { case removed, signedOut, atTheSocket, outOfTheChannel }

    @Test(.timeLimit(.minutes(5)), arguments: Ending.allCases) func aStreamEndsWithTheRightToReadIt(ending: Ending)
        async throws
    {
        var limits = ConsoleLimits()
        limits.recheck = .milliseconds(20)
        limits.heartbeat = .milliseconds(5)
        try await TestConsole.run(limits: limits, user: { _ in FakeChat.ben }) { console in
            let browser = try await Browser.signedIn(to: console, as: FakeChat.ben)
            let id = try await conversation(browser)
            let path = "/api/conversations/\(id)/events"
            var request = HTTPClientRequest(
                url: ending == .atTheSocket ? socketURL(console, path) : console.base + path)
            request.headers.add(name: "Cookie", value: browser.cookie ?? "")
            let response = try await client.execute(request, timeout: .seconds(60))
            #expect(response.status == .ok)
            // Some while later it is still there.
            var text = ""
            var stream = response.body.makeAsyncIterator()
            while text.components(of: "still here") < 20, let buffer = try await stream.next() {
                text += String(buffer: buffer)
            }
            #expect(text.components(of: "still here") >= 20)
            switch ending {
            case .removed, .atTheSocket: console.admissions.remove(FakeChat.ben)
            case .outOfTheChannel: await console.chat.close(ConversationID(trusted: id), to: FakeChat.ben)
            case .signedOut: _ = try await browser.post("/api/logout", .object([:]))
            }
            // Ended, in order or by a closed connection; the test's time limit is what would say otherwise.
            do { while try await stream.next() != nil {} } catch {}
            await console.chat.untilWatchers(are: 0)
        }
    }

    @Test func aRestartSignsNobodyOut() async throws {
        let store = InMemorySessionStore()
        var cookie = ""
        var csrf: String?
        try await TestConsole.run(sessions: store) { console in
            let browser = try await Browser.signedIn(to: console, as: FakeChat.ben)
            cookie = String(try #require(browser.cookie?.split(separator: "=").last))
            csrf = browser.csrf
        }
        try await TestConsole.run(sessions: store) { console in
            // The cookie's name holds the port, which a test cannot have twice.
            var browser = Browser(console: console, cookie: "bulkhead-\(console.port)=\(cookie)", csrf: csrf)
            let me = try await browser.send("GET", "/api/me").json
            #expect(me["person"]?["id"] == "p-ben")
            let message = JSONValue.object(["channel": "c-home", "text": "say hi", "client_id": "1"])
            let sent = try await browser.post("/api/messages", message)
            #expect(sent.status == 202)
            browser.csrf = String(repeating: "0", count: 64)
            let forged = try await browser.post("/api/messages", message)
            #expect(forged.status == 403)
        }
    }

    @Test func aSessionHasALongestLife() async throws {
        try await TestConsole.run { console in
            let browser = try await Browser.signedIn(to: console)
            for _ in 0..<5 {
                console.clock.advance(by: .seconds(5 * 24 * 3600))
                #expect(try await browser.send("GET", "/api/me").status == 200)
            }
            console.clock.advance(by: .seconds(5 * 24 * 3600 + 1))
            #expect(try await browser.send("GET", "/api/me").status == 401)
        }
    }
}

extension String {
    fileprivate func components(of part: String) -> Int { ranges(of: part).count }
}
