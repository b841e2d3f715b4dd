import Console
import MCP
import Model
import Testing

@Suite struct MemberTests {
    private static let path = "/api/channels/c-finance/members"

    private func names(_ answer: Answer) throws -> [String] {
        (try answer.json["members"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
    }

    @Test func membersAreListedBroughtInAndTakenOut() async throws {
        try await TestConsole.run { console in
            let browser = try await Browser.signedIn(to: console, as: FakeChat.ben)
            #expect(try names(try await browser.send("GET", Self.path)) == ["Ada Lovelace", "Ben Okri"])
            let added = try await browser.post(Self.path, ["person": "p-cleo"])
            #expect(added.status == 201)
            #expect(try names(added) == ["Ada Lovelace", "Ben Okri", "Cleo Nguyen"])
            #expect(try await browser.post(Self.path, ["person": "nobody"]).status == 404)
            #expect(try await browser.post(Self.path, ["name": "p-cleo"]).status == 400)
            #expect(try names(try await browser.send("DELETE", Self.path + "/p-cleo")) == ["Ada Lovelace", "Ben Okri"])
            // Whoever left is told nothing about those who stayed.
            #expect(try names(try await browser.send("DELETE", Self.path + "/p-ben")) == [])
            #expect(try await browser.send("GET", Self.path).status == 404)
        }
    }

    @Test func whoMayNotComeInIsNotBroughtIn() async throws {
        try await TestConsole.run { console in
            let browser = try await Browser.signedIn(to: console, as: FakeChat.ben)
            console.admissions.remove(FakeChat.cleo)
            #expect(try await browser.post(Self.path, ["person": "p-cleo"]).status >= 400)
            #expect(await console.chat.members[FakeChat.room] == [FakeChat.ada, FakeChat.ben])
        }
    }

    @Test func anotherSiteTakesNobodyOut() async throws {
        try await TestConsole.run { console in
            var browser = try await Browser.signedIn(to: console, as: FakeChat.ben)
            browser.csrf = nil
            #expect(try await browser.send("DELETE", Self.path + "/p-ada").status == 403)
            #expect(await console.chat.members[FakeChat.room] == [FakeChat.ada, FakeChat.ben])
        }
    }
}
