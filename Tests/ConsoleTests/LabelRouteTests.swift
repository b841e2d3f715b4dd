import Console
import Conversations
import MCP
import Model
import Testing

@Suite struct LabelRouteTests {
    private let post = "/api/answers/m-secret/post"
    private let clear = JSONValue.object(["volume": "shared/c-finance", "reason": "looked"])

    @Test func aPrivateAnswerIsItsRequestersToReadAndToPost() async throws {
        try await TestConsole.run { console in
            let ada = try await Browser.signedIn(to: console, as: FakeChat.ada)
            let answers = try await ada.send("GET", "/api/answers").json["answers"]
            #expect(answers?[0]?["text"] == "for Ada alone" && answers?[0]?["posted"] == false)
            let ben = try await Browser.signedIn(to: console, as: FakeChat.ben)
            #expect(try await ben.send("GET", "/api/answers").json["answers"]?.arrayValue?.isEmpty == true)
            #expect(try await ben.post(post, .object([:])).status == 404)
            #expect(try await ada.post(post, .object([:])).status == 201)
            #expect(await console.chat.posted.map(\.rawValue) == ["m-secret"])
        }
    }

    @Test func nobodyDoesEitherInSomebodyElsesName() async throws {
        try await TestConsole.run { console in
            let admin = try await Browser.signedIn(to: console, as: FakeChat.ben, by: FakeChat.ada)
            #expect(try await admin.send("GET", "/api/answers").status == 403)
            #expect(try await admin.post(post, .object([:])).status == 403)
            #expect(await console.chat.posted.isEmpty)
        }
    }

    @Test func labelsAreForAdminsInTheirOwnName() async throws {
        try await TestConsole.run { console in
            let member = try await Browser.signedIn(to: console, as: FakeChat.ben)
            #expect(try await member.send("GET", "/api/labels").status == 403)
            #expect(try await member.post("/api/labels/clear", clear).status == 403)
            let admin = try await Browser.signedIn(to: console, as: FakeChat.cleo)
            #expect(try await admin.send("GET", "/api/labels").status == 200)
            #expect(try await admin.post("/api/labels/clear", clear).status == 200)
            let silent = JSONValue.object(["volume": "shared/c-finance", "reason": " "])
            #expect(try await admin.post("/api/labels/clear", silent).status == 400)
            let other = try await Browser.signedIn(to: console, as: FakeChat.cleo, by: FakeChat.ada)
            #expect(try await other.post("/api/labels/clear", clear).status == 403)
        }
    }
}
