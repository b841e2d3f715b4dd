@testable import Console
import MCP
import Model
import Testing

/// Links and sign-ins in the audit.
@Suite struct LoginRecordTests {
    private func post(_ console: TestConsole, _ form: String) async throws -> Answer {
        try await request("POST", console.base + "/login", body: Array(form.utf8))
    }

    private func form(_ link: String) throws -> String {
        "token=" + String(try #require(link.split(separator: "=").last))
    }

    @Test func linksSignInsAndSignOutsAreRecordedWithMakerAndPerson() async throws {
        try await TestConsole.run { console in
            let ada = try await Browser.signedIn(to: console)
            let made = try await ada.post("/api/login-links", .object(["person": "ben"]))
            let link = try #require(try made.json["url"]?.stringValue)
            #expect(try await post(console, try form(link)).status == 303)
            _ = try await ada.post("/api/logout", .object([:]))
            let ben = FakeChat.ben
            #expect(
                console.recorder.events == [
                    ConsoleEvent(.linkMade, person: FakeChat.ada, admin: nil),
                    ConsoleEvent(.loginSucceeded, person: FakeChat.ada, admin: nil),
                    ConsoleEvent(.linkMade, person: ben, admin: FakeChat.ada),
                    ConsoleEvent(.loginSucceeded, person: ben, admin: FakeChat.ada),
                    ConsoleEvent(.logout, person: FakeChat.ada, admin: nil),
                ])
        }
    }

    @Test func whatCannotBeRecordedDoesNotHappen() async throws {
        try await TestConsole.run { console in
            let ada = try await Browser.signedIn(to: console)
            let link = try await console.server.loginLink(for: FakeChat.ben)
            console.recorder.fail()
            let made = try await ada.post("/api/login-links", .object(["person": "ben"]))
            #expect(made.status == 500 && !made.body.contains("token"))
            await #expect(throws: FakeRecorder.Full.self) {
                _ = try await console.server.loginLink(for: FakeChat.ben)
            }
            let answer = try await post(console, try form(link))
            #expect(answer.status == 500 && answer.header("Set-Cookie") == nil)
            // But nobody stays signed in for it, and a refusal stays a refusal.
            #expect(try await post(console, try form(link)).status == 404)
            #expect(try await ada.post("/api/logout", .object([:])).status == 200)
            #expect(try await ada.send("GET", "/api/me").status == 401)
        }
    }

    @Test func refusedSignInsAreCountedAndDoNotFloodTheAudit() async throws {
        try await TestConsole.run { console in
            let link = try await console.server.loginLink(for: FakeChat.ben)
            #expect(try await post(console, try form(link)).status == 303)
            for _ in 0..<40 { #expect(try await post(console, try form(link)).status == 404) }
            let first = console.recorder.of(.loginRefused)
            #expect(first.count == RefusalBudget.burst && first.allSatisfy { $0.details["count"] == 1 })
            console.clock.advance(by: .seconds(61))
            #expect(try await post(console, "nonsense").status == 404)
            let last = try #require(console.recorder.of(.loginRefused).dropFirst(RefusalBudget.burst).first)
            #expect(last.details["count"] == 31 && last.details["reason"] == "not a link")
        }
    }

    @Test func whyAKnownLinkWasRefusedIsSaid() async throws {
        try await TestConsole.run { console in
            let expired = try await console.server.loginLink(for: FakeChat.ben, by: FakeChat.ada)
            console.clock.advance(by: .seconds(15 * 60 + 1))
            #expect(try await post(console, try form(expired)).status == 404)
            let removed = try await console.server.loginLink(for: FakeChat.ben)
            console.admissions.remove(FakeChat.ben)
            #expect(try await request("GET", removed).status == 404)
            #expect(try await post(console, try form(removed)).status == 404)
            let refused = console.recorder.of(.loginRefused)
            #expect(refused.map(\.person) == [FakeChat.ben, FakeChat.ben])
            #expect(refused.map(\.admin) == [FakeChat.ada, nil])
            #expect(refused.first?.details["reason"] == "expired link")
        }
    }

    @Test func theBudgetRefillsByTheMinuteAndLosesNoCount() {
        var budget = RefusalBudget()
        var told = 0
        var rows = 0
        for second in 0..<86_400 {
            // Two a second, all day.
            for _ in 0..<2 {
                guard let count = budget.take(at: Timestamp(milliseconds: Int64(second) * 1000)) else { continue }
                told += count
                rows += 1
            }
        }
        #expect(rows <= 1450 && rows >= 1440)
        #expect(told + budget.drain() == 2 * 86_400)
        // A clock that was put back gives nothing away.
        #expect(budget.take(at: Timestamp(milliseconds: 0)) == nil)
    }
}
