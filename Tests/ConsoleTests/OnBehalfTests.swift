import Console
import Conversations
import Glibc
import MCP
import Model
import Testing

/// An admin in somebody else's name: through a link made for them, or with `X-Bulkhead-As`.
@Suite struct OnBehalfTests {
    private let message = JSONValue.object(["channel": "c-home", "text": "wait for it", "client_id": "1"])

    @Test func aBrowserRemembersWhoMadeItsLink() async throws {
        try await TestConsole.run { console in
            let link = try await console.server.loginLink(for: FakeChat.ben, by: FakeChat.ada)
            #expect(try await request("GET", link).body.contains("made this link"))
            let browser = try await Browser.signedIn(to: console, as: FakeChat.ben, by: FakeChat.ada)
            let me = try await browser.send("GET", "/api/me").json
            #expect(me["person"]?["id"] == "p-ben")
            #expect(me["on_behalf_by"] == "p-ada" && me["on_behalf_by_name"] == "Ada Lovelace")
            let own = try await Browser.signedIn(to: console, as: FakeChat.ben).send("GET", "/api/me").json
            #expect(own["on_behalf_by"] == nil)
        }
    }

    @Test func everythingDoneInItIsRecordedFirst() async throws {
        try await TestConsole.run { console in
            let browser = try await Browser.signedIn(to: console, as: FakeChat.ben, by: FakeChat.ada)
            let sent = try await browser.post("/api/messages", message)
            #expect(sent.status == 202)
            let submitted = try #require(await console.chat.submitted.first)
            #expect(submitted.author == FakeChat.ben && submitted.onBehalfBy == FakeChat.ada)
            let id = try #require(try sent.json["conversation"]?.stringValue)
            let conversation = "/api/conversations/\(id)"
            #expect(try await browser.send("GET", conversation).status == 200)
            #expect(try await browser.post(conversation + "/mode", .object(["mode": "readOnly"])).status == 200)
            #expect(try await browser.send("POST", "/api/uploads?name=a.txt", body: [1]).status == 201)
            #expect(try await browser.post(conversation + "/cancel", .object([:])).status == 202)
            #expect(try await browser.send("GET", "/api/channels").status == 200)
            let recorded = console.recorder.of(.onBehalf)
            #expect(
                recorded.map { $0.details["request"]?.stringValue } == [
                    "POST /api/messages", "GET \(conversation)", "POST \(conversation)/mode", "POST /api/uploads",
                    "POST \(conversation)/cancel",
                ])
            #expect(recorded.allSatisfy { $0.person == FakeChat.ben && $0.admin == FakeChat.ada })
            try #require(recorded.count == 5)
            #expect(recorded[1].conversation?.rawValue == id && recorded[0].conversation == nil)

            console.recorder.fail()
            let unrecorded = JSONValue.object(["channel": "c-home", "text": "say no", "client_id": "2"])
            #expect(try await browser.post("/api/messages", unrecorded).status == 500)
            #expect(await console.chat.submitted.count == 1)
        }
    }

    @Test func atTheSocketItIsTheSame() async throws {
        try await TestConsole.run { console in
            let body = JSONValue.object(["channel": "c-home", "text": "say hi", "client_id": "1"]).serialized()
            for name in ["ben", "ada"] {
                _ = try await request(
                    "POST", socketURL(console, "/api/messages"), headers: [("X-Bulkhead-As", name)], body: body)
            }
            let recorded = console.recorder.of(.onBehalf)
            #expect(recorded.map(\.person) == [FakeChat.ben] && recorded.map(\.admin) == [FakeChat.ada])
        }
    }

    @Test func approvalsAndLinksAreInOnesOwnName() async throws {
        try await TestConsole.run { console in
            let browser = try await Browser.signedIn(to: console, as: FakeChat.cleo, by: FakeChat.ada)
            let allow = JSONValue.object(["decision": "allow"])
            let answer = try await browser.post("/api/approvals/a-1", allow)
            #expect(answer.status == 403)
            #expect(try answer.error().message.contains("Ada Lovelace acts for Cleo Nguyen"))
            // Cleo is an admin, and a link made with her name would hide whose hand it was.
            let link = try await browser.post("/api/login-links", .object(["person": "ben"]))
            #expect(link.status == 403)
            #expect(try link.error().message.contains("one's own name"))
            for name in ["ben", "cleo"] {
                let atSocket = try await request(
                    "POST", socketURL(console, "/api/login-links"), headers: [("X-Bulkhead-As", name)],
                    body: JSONValue.object(["person": .string(name)]).serialized())
                #expect(atSocket.status == 403)
            }
            #expect(await console.chat.answered.isEmpty)
            #expect(console.recorder.of(.linkMade).count == 1)
        }
    }

    @Test func aMemberGetsALinkOfTheirOwnAtTheSocketOnly() async throws {
        try await TestConsole.run(user: { _ in FakeChat.ben }) { console in
            let body = JSONValue.object(["person": "Ben Okri"]).serialized()
            let made = try await request("POST", socketURL(console, "/api/login-links"), body: body)
            #expect(made.status == 201)
            #expect(console.recorder.events == [ConsoleEvent(.linkMade, person: FakeChat.ben, admin: nil)])
            for name in ["ada", "zed"] {
                let other = try await request(
                    "POST", socketURL(console, "/api/login-links"),
                    body: JSONValue.object(["person": .string(name)]).serialized())
                #expect(other.status == 403)
            }
        }
    }

    @Test func theSessionEndsWithTheRightToMakeIt() async throws {
        try await TestConsole.run { console in
            let (ben, cleo) = (FakeChat.ben, FakeChat.cleo)
            let removed = try await Browser.signedIn(to: console, as: ben, by: cleo)
            console.admissions.remove(cleo)
            #expect(try await removed.send("GET", "/api/me").status == 401)
            console.admissions.restore(cleo)

            let demoted = try await Browser.signedIn(to: console, as: ben, by: cleo)
            #expect(try await demoted.send("GET", "/api/me").status == 200)
            await console.chat.setRole(.member, of: cleo)
            #expect(try await demoted.send("GET", "/api/me").status == 401)
            await console.chat.setRole(.admin, of: cleo)

            let raised = try await Browser.signedIn(to: console, as: ben, by: cleo)
            await console.chat.setRole(.owner, of: ben)
            #expect(try await raised.send("GET", "/api/me").status == 401)
            // And none comes back.
            await console.chat.setRole(.member, of: ben)
            for browser in [removed, demoted, raised] {
                #expect(try await browser.send("GET", "/api/me").status == 401)
            }
        }
    }
}
