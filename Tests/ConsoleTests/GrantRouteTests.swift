import Console
import Conversations
import MCP
import Model
import Testing

/// Answers for more than one call, and what is left of them.
@Suite struct GrantRouteTests {
    /// Has the assistant ask; the question's address.
    private func question(_ console: TestConsole, _ browser: Browser, _ text: String, _ client: String) async throws
        -> (approval: String, conversation: String)
    {
        let sent = try await browser.post(
            "/api/messages", .object(["channel": "c-home", "text": .string(text), "client_id": .string(client)]))
        let conversation = try #require(try sent.json["conversation"]?.stringValue)
        while try await browser.send("GET", "/api/conversations/\(conversation)").json["live"]?["approvals"]?[0] == nil
        {
            await Task.yield()
        }
        return ("/api/approvals/a-\(conversation)", "/api/conversations/\(conversation)")
    }

    @Test func anAnswerCarriesItsScopeAndItsReason() async throws {
        try await TestConsole.run { console in
            let ada = try await Browser.signedIn(to: console)
            let asked = try await question(console, ada, "approve it", "1")
            for body: JSONObject in [
                ["decision": "allow", "scope": "for ever"], ["decision": "allow", "scope": 1],
                ["decision": "deny", "scope": "channel"],
            ] {
                #expect(try await ada.post(asked.approval, .object(body)).status == 400, "\(body)")
            }
            #expect(await console.chat.answered.isEmpty)
            #expect(
                try await ada.post(asked.approval, .object(["decision": "allow", "scope": "channel"])).status == 200)
            let second = try await question(console, ada, "approve it", "2")
            #expect(try await ada.post(second.approval, .object(["decision": "allow", "scope": "once"])).status == 200)
            let third = try await question(console, ada, "approve it", "3")
            #expect(
                try await ada.post(third.approval, .object(["decision": "deny", "reason": "not today"])).status == 200)
            let with = await console.chat.answeredWith
            #expect(with.map(\.scope) == [.channel, nil, nil] && with.map(\.reason) == [nil, nil, "not today"])
        }
    }

    /// In another's name nothing can be answered: so nothing is offered there, wherever the question is shown.
    @Test func aQuestionSaysWhatIsOffered() async throws {
        try await TestConsole.run { console in
            let ada = try await Browser.signedIn(to: console)
            let asked = try await question(console, ada, "approve it", "1")
            let own = try await ada.send("GET", asked.conversation).json["live"]?["approvals"]?[0]
            #expect(own?["yours"] == true && own?["rule"] == "mail leaves" && own?["labels"] == .array(["untrusted"]))
            #expect(own?["scopes"] == .array(["once", "conversation", "channel"]) && own?["exact"] == false)
            let borrowed = try await Browser.signedIn(to: console, as: FakeChat.cleo, by: FakeChat.ada)
            let shown = try await borrowed.send("GET", asked.conversation).json["live"]?["approvals"]?[0]
            #expect(shown?["yours"] == false && shown?["scopes"] == .array([]))
        }
    }

    @Test func grantsAreListedAndRevokedInOnesOwnName() async throws {
        try await TestConsole.run { console in
            let ada = try await Browser.signedIn(to: console)
            let asked = try await question(console, ada, "approve it", "1")
            _ = try await ada.post(asked.approval, .object(["decision": "allow", "scope": "conversation"]))
            let grant = try #require(try await ada.send("GET", "/api/grants").json["grants"]?[0])
            #expect(grant["scope"] == "conversation" && grant["in_force"] == true && grant["end"] == .null)
            #expect(grant["arguments"]?["to"] == "board@example.com")
            let path = "/api/grants/\(try #require(grant["id"]?.stringValue))/revoke"
            let borrowed = try await Browser.signedIn(to: console, as: FakeChat.cleo, by: FakeChat.ada)
            #expect(try await borrowed.post(path, .object([:])).status == 403)
            #expect(try await ada.post(path, .object([:])).status == 200)
            #expect(try await ada.post(path, .object([:])).status == 409)
            #expect(try await ada.post("/api/grants/nonesuch/revoke", .object([:])).status == 404)
            #expect(try await ada.send("GET", "/api/grants").json["grants"]?[0]?["in_force"] == false)
        }
    }
}
