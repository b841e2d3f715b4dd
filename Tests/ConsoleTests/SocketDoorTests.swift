import Console
import Conversations
import Glibc
import MCP
import Model
import Testing

@Suite struct SocketDoorTests {
    @Test func theKernelSaysWhoAsks() async throws {
        let me = getuid()
        try await TestConsole.run(user: { $0 == me ? FakeChat.ben : nil }) { console in
            let answer = try await request("GET", socketURL(console, "/api/me"))
            #expect(try answer.json["person"]?["id"]?.stringValue == "p-ben")
        }
    }

    @Test func anUnknownUserIsRefusedInWords() async throws {
        try await TestConsole.run(user: { _ in nil }) { console in
            let answer = try await request("GET", socketURL(console, "/api/me"))
            #expect(answer.status == 403)
            #expect(try answer.error().message.contains("operating-system user \(getuid())"))
        }
    }

    @Test func anAdminSpeaksForAnotherAndThatIsRecorded() async throws {
        try await TestConsole.run { console in
            let body = JSONValue.object(["channel": "c-home", "text": "say hi", "client_id": "1"]).serialized()
            let answer = try await request(
                "POST", socketURL(console, "/api/messages"), headers: [("X-Bulkhead-As", "ben")], body: body)
            #expect(answer.status == 202)
            let message = try #require(await console.chat.submitted.first)
            #expect(message.author == FakeChat.ben && message.onBehalfBy == FakeChat.ada)
            let me = try await request("GET", socketURL(console, "/api/me"), headers: [("X-Bulkhead-As", "ben")])
            #expect(try me.json["on_behalf_by"]?.stringValue == "p-ada")
        }
    }

    @Test func speakingForOneselfIsNotOnBehalf() async throws {
        try await TestConsole.run { console in
            let me = try await request("GET", socketURL(console, "/api/me"), headers: [("X-Bulkhead-As", "ada")])
            #expect(try me.json["on_behalf_by"] == nil)
        }
    }

    @Test func nobodyElseSpeaksForAnother() async throws {
        try await TestConsole.run(user: { _ in FakeChat.ben }) { console in
            let answer = try await request("GET", socketURL(console, "/api/me"), headers: [("X-Bulkhead-As", "ada")])
            #expect(answer.status == 403)
        }
        try await TestConsole.run { console in
            let answer = try await request("GET", socketURL(console, "/api/me"), headers: [("X-Bulkhead-As", "zed")])
            #expect(answer.status == 404)
        }
    }

    @Test func anAdminDoesNotBecomeOwner() async throws {
        try await TestConsole.run(user: { _ in FakeChat.cleo }) { console in
            for (name, status) in [("ada", 403), ("ben", 200)] {
                let me = try await request("GET", socketURL(console, "/api/me"), headers: [("X-Bulkhead-As", name)])
                #expect(me.status == status)
                let link = try await request(
                    "POST", socketURL(console, "/api/login-links"),
                    body: JSONValue.object(["person": .string(name)]).serialized())
                #expect(link.status == (status == 200 ? 201 : 403))
            }
        }
    }

    @Test func anApprovalIsNotAnsweredForAnother() async throws {
        try await TestConsole.run { console in
            let answer = try await request(
                "POST", socketURL(console, "/api/approvals/a-1"), headers: [("X-Bulkhead-As", "ben")],
                body: JSONValue.object(["decision": "allow"]).serialized())
            #expect(answer.status == 403)
            #expect(await console.chat.answered.isEmpty)
        }
    }

    @Test func theSocketServesNoPages() async throws {
        try await TestConsole.run { console in
            for path in ["/", "/login", "/audit"] {
                let answer = try await request("GET", socketURL(console, path))
                #expect(answer.status == 404)
            }
        }
    }

    @Test func aTakenPortIsToldWithWhatToDo() async throws {
        try await TestConsole.run { console in
            var configuration = ConsoleConfiguration(
                chat: console.chat, audit: FakeAudit(), operations: NoOperations(), members: NoPeopleOperations(),
                secrets: NoSecretOperations(),
                surface: { _ in [:] },
                recorder: FakeRecorder(),
                people: PeopleDirectory(byUser: { _ in nil }, byName: { _ in nil }, isAdmitted: { _ in false }),
                assistant: AssistantDescription(name: "Bulkhead", model: "offline"), port: console.port,
                logger: TestConsole.quiet)
            var server = ConsoleServer(configuration)
            let taken = await #expect(throws: ConsoleError.self) { try await server.run() }
            #expect(taken?.code == .portTaken && taken?.message.contains("ss -ltnp") == true)
            await #expect(throws: ConsoleError.self) { try await server.listening() }

            configuration.port = 0
            configuration.socketPath = "/nonexistent/console.sock"
            server = ConsoleServer(configuration)
            let unusable = await #expect(throws: ConsoleError.self) { try await server.run() }
            #expect(unusable?.code == .socketUnusable && unusable?.message.contains("/nonexistent") == true)

            configuration.socketPath = "/tmp/" + String(repeating: "x", count: 120)
            server = ConsoleServer(configuration)
            let long = await #expect(throws: ConsoleError.self) { try await server.run() }
            #expect(long?.message.contains("107") == true)
        }
    }
}
