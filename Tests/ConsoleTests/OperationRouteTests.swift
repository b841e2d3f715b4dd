import Console
import MCP
import Model
import Testing

/// The brake, trying a policy on the past, and pruning: who may, in whose name, and how much of it.
@Suite struct OperationRouteTests {
    private static let everything = JSONValue.object(["scope": "all", "reason": "looking into something"])
    private static let requests: [(method: String, path: String, body: JSONValue?)] = [
        ("GET", "/api/pauses", nil), ("POST", "/api/pauses", everything), ("POST", "/api/pauses/resume", everything),
        ("POST", "/api/policy/replay", .object(["policy": "version: 1"])),
        ("POST", "/api/audit/prune", .object(["before": 1])), ("POST", "/api/security/accepted", accepted),
        ("GET", "/api/feedback", nil), ("GET", "/api/slack/admissions", nil),
        ("POST", "/api/slack/admissions", .object(["kind": "channel", "id": "C1", "allow": true])),
    ]
    private static let accepted = JSONValue.object([
        "digest": .string(String(repeating: "a", count: 64)), "first": true, "changes": ["x"],
    ])

    private func send(_ browser: Browser, _ request: (method: String, path: String, body: JSONValue?)) async throws
        -> Answer
    {
        try await browser.send(request.method, request.path, body: request.body?.serialized())
    }

    @Test func aMemberMayDoNoneOfIt() async throws {
        let operations = FakeOperations()
        try await TestConsole.run(operations: operations) { console in
            let ben = try await Browser.signedIn(to: console, as: FakeChat.ben)
            for request in Self.requests {
                let answer = try await send(ben, request)
                #expect(answer.status == 403, "\(request.path)")
                #expect(try answer.error().message.contains("Only an owner"), "\(request.path)")
            }
            #expect(operations.paused.isEmpty && operations.replays.isEmpty && operations.prunes.isEmpty)
        }
    }

    /// An owner's link, opened by somebody else, brakes and prunes nothing.
    @Test func itIsDoneInOnesOwnName() async throws {
        let operations = FakeOperations()
        try await TestConsole.run(operations: operations) { console in
            let borrowed = try await Browser.signedIn(to: console, as: FakeChat.cleo, by: FakeChat.ada)
            for path in ["/api/pauses", "/api/pauses/resume", "/api/security/accepted", "/api/slack/admissions"] {
                let answer = try await borrowed.post(path, Self.everything)
                #expect(answer.status == 403)
                #expect(try answer.error().message.contains("Ada Lovelace acts for Cleo Nguyen"), "\(path)")
            }
            // An owner's name, used by another owner's hand.
            await console.chat.setRole(.owner, of: FakeChat.cleo)
            let owner = try await Browser.signedIn(to: console, as: FakeChat.ada, by: FakeChat.cleo)
            #expect(try await owner.post("/api/audit/prune", .object(["before": 1])).status == 403)
            #expect(operations.paused.isEmpty && operations.prunes.isEmpty)
            // Looking is no act.
            #expect(try await borrowed.send("GET", "/api/pauses").status == 200)
        }
    }

    @Test func whatPeopleThinkOfAnswersIsForAdmins() async throws {
        try await TestConsole.run(operations: FakeOperations()) { console in
            let cleo = try await Browser.signedIn(to: console, as: FakeChat.cleo)
            let all = try await cleo.send("GET", "/api/feedback").json["feedback"]?.arrayValue ?? []
            #expect(all.map { $0["words"] } == ["too long"])
            let later = try await cleo.send("GET", "/api/feedback?since=8").json["feedback"]?.arrayValue
            #expect(later == [])
        }
    }

    @Test func anAdminSaysWhoIsLetInFromSlack() async throws {
        try await TestConsole.run(operations: FakeOperations()) { console in
            let cleo = try await Browser.signedIn(to: console, as: FakeChat.cleo)
            let path = "/api/slack/admissions"
            let said = try await cleo.post(path, .object(["kind": "channel", "id": "C1", "allow": false])).json
            #expect(said["state"] == "refused" && said["id"] == "C1")
            // Silence is no yes.
            #expect(try await cleo.post(path, .object(["kind": "channel", "id": "C1"])).status == 400)
        }
    }

    /// An accepted baseline is recorded by its digest, and by nothing that is none.
    @Test func anAdminPutsABaselineOnRecord() async throws {
        try await TestConsole.run(operations: FakeOperations()) { console in
            let cleo = try await Browser.signedIn(to: console, as: FakeChat.cleo)
            #expect(try await cleo.post("/api/security/accepted", Self.accepted).status == 201)
            for digest in ["", "abc", String(repeating: "g", count: 64)] {
                let body = JSONValue.object(["digest": .string(digest)])
                #expect(try await cleo.post("/api/security/accepted", body).status == 400)
            }
        }
    }

    @Test func anAdminPausesListsAndResumes() async throws {
        let operations = FakeOperations()
        try await TestConsole.run(operations: operations) { console in
            let cleo = try await Browser.signedIn(to: console, as: FakeChat.cleo)
            #expect(try await cleo.post("/api/pauses", Self.everything).status == 201)
            let person = JSONValue.object(["scope": "person", "name": "ben", "reason": "x"])
            #expect(try await cleo.post("/api/pauses", person).status == 201)
            let listed = try await cleo.send("GET", "/api/pauses").json["pauses"]?.arrayValue ?? []
            #expect(listed.map { $0["scope"]?.stringValue } == ["all", "person"])
            #expect(listed.first?["reason"] == "looking into something")
            #expect(try await cleo.post("/api/pauses/resume", Self.everything).status == 200)
            let again = try await cleo.post("/api/pauses/resume", Self.everything)
            #expect(again.status == 404)
            #expect(try again.error().message == "That is not paused.")
            #expect(operations.paused == [.person("ben")])
        }
    }

    @Test(
        arguments: [
            ["scope": "all", "name": "x"], ["scope": "person"], ["scope": "tool", "name": ""], ["scope": "world"],
            ["name": "x"], ["scope": .int(1)],
        ] as [JSONObject])
    func whatNamesNothingIsRefused(_ body: JSONObject) async throws {
        let operations = FakeOperations()
        try await TestConsole.run(operations: operations) { console in
            let ada = try await Browser.signedIn(to: console)
            #expect(try await ada.post("/api/pauses", .object(body)).status == 400)
            #expect(try await ada.post("/api/pauses/resume", .object(body)).status == 400)
            #expect(operations.paused.isEmpty)
        }
    }

    @Test func pruningIsTheOwnersAndWantsATime() async throws {
        let operations = FakeOperations()
        try await TestConsole.run(operations: operations) { console in
            let cleo = try await Browser.signedIn(to: console, as: FakeChat.cleo)
            let refused = try await cleo.post("/api/audit/prune", .object(["before": 1]))
            #expect(refused.status == 403)
            #expect(try refused.error().message == "Only an owner may prune the audit trail.")
            let ada = try await Browser.signedIn(to: console)
            for body: JSONObject in [[:], ["before": "yesterday"], ["before": 1.5], ["before": .null]] {
                #expect(try await ada.post("/api/audit/prune", .object(body)).status == 400, "\(body)")
            }
            #expect(operations.prunes.isEmpty)
            let done = try await ada.post("/api/audit/prune", .object(["before": 1_700_000_000_000]))
            #expect(done.status == 200)
            #expect(try done.json["pruned_to"] == 7)
            #expect(operations.prunes.map(\.before.milliseconds) == [1_700_000_000_000])
            #expect(operations.prunes.map(\.by) == [FakeChat.ada])
        }
    }

    @Test func aPolicyToTryHasABoundedSize() async throws {
        let operations = FakeOperations()
        var limits = ConsoleLimits()
        limits.messageBytes = 2000
        try await TestConsole.run(limits: limits, operations: operations) { console in
            let ada = try await Browser.signedIn(to: console)
            func replay(_ bytes: Int) async throws -> Int {
                let text = JSONValue.string(String(repeating: "#", count: bytes))
                return try await ada.post("/api/policy/replay", .object(["policy": text, "since": 5])).status
            }
            #expect(try await replay(3900) == 200)
            #expect(try await replay(4100) == 413)
            let large = JSONValue.object(["scope": "all", "reason": .string(String(repeating: "x", count: 2100))])
            #expect(try await ada.post("/api/pauses", large).status == 413)
            #expect(try await ada.post("/api/policy/replay", .object(["since": 5])).status == 400)
            #expect(try await ada.post("/api/policy/replay", .object(["policy": "", "since": "x"])).status == 400)
            #expect(operations.replays.map(\.since.milliseconds) == [5] && operations.paused.isEmpty)
        }
    }
}
