import Audit
import Harness
import MCP
import Model
import Policy
import Store
import Synchronization
import Testing
import ToolServers

/// Hooks on a call's way: what they say can only make less happen.
@Suite struct HookGateTests {
    struct Hooks: ToolHooks {
        var before: @Sendable (CallRequest) async throws -> ToolHookAnswer = {
            .pass(arguments: $0.arguments, HookFindings())
        }
        var result: @Sendable (CallToolResult) -> CallToolResult = { $0 }

        func before(_ request: CallRequest, _ tool: RegisteredTool) async throws -> ToolHookAnswer {
            try await before(request)
        }

        func after(
            _ request: CallRequest, _ tool: RegisteredTool, _ result: CallToolResult, outcome: GateResult.Outcome
        ) async -> CallToolResult {
            self.result(result)
        }

        static func narrowing(to arguments: JSONObject) -> Hooks {
            Hooks(before: { _ in .pass(arguments: arguments, HookFindings()) })
        }

        static func asking(_ approvers: Approvers = .requester) -> Hooks {
            Hooks(before: { request in
                var findings = HookFindings()
                findings.questions = [.init(hook: "freeze", reason: "changes are frozen", approvers: approvers)]
                return .pass(arguments: request.arguments, findings)
            })
        }
    }

    private static let byText = """
        version: 1
        rules:
          - {name: ask-b, tool: write, arguments: [{at: /text, equals: b}], decision: ask, approvers: admins}
          - {name: second, tool: write, arguments: [{at: /text, equals: s}], decision: ask, approvers: secondPerson}
          - {name: no-c, tool: write, arguments: [{at: /text, equals: c}], decision: deny, reason: never c}
          - {name: rest, tool: write, decision: allow}
        """

    private static func tools(_ said: @escaping @Sendable (JSONObject) -> String = { $0["text"]?.stringValue ?? "" })
        throws -> (FakeServer, ToolRegistry)
    {
        let server = FakeServer([("write", .write, { .text("ran with " + said($0)) })])
        return (server, try ToolRegistry(servers: [server]))
    }

    @Test func aDenialEndsItOnRecord() async throws {
        let fixture = try await GateFixture()
        let (server, registry) = try Self.tools()
        let gate = fixture.gate(hooks: Hooks(before: { _ in .deny(hook: "scan", reason: "a credential") }))
        let result = await gate.call(fixture.request("write", ["text": "a"]), in: registry)
        #expect(result.outcome == .denied && result.result.text.contains("denied by the hook scan: a credential"))
        #expect(server.ran.withLock { $0.isEmpty })
        let rows = try await fixture.rows()
        #expect(rows.map(\.decision) == ["deny"] && rows[0].rule == "hook scan")
    }

    @Test func whatAHookNarrowsRunsAndStandsInTheAudit() async throws {
        let fixture = try await GateFixture(policy: Self.byText)
        let (_, registry) = try Self.tools()
        let result = await fixture.gate(hooks: Hooks.narrowing(to: ["text": "z"]))
            .call(fixture.request("write", ["text": "a"]), in: registry)
        #expect(result.result.text == "ran with z")
        let intent = try #require(try await fixture.rows().first)
        #expect(intent.arguments == ["text": "z"])
        #expect(intent.details?["decidedOn"]?["given"]?.stringValue?.hasPrefix("hmac-sha256:") == true)
    }

    /// Original and narrowed arguments are both decided on, and the stricter word counts, whichever way they changed.
    @Test(arguments: [
        ("a", "c", "deny"), ("c", "a", "deny"), ("a", "b", "ask"), ("b", "a", "ask"), ("b", "c", "deny"),
        ("c", "b", "deny"), ("a", "z", "allow"), ("b", "s", "deny"), ("s", "b", "deny"),
    ])
    func theStricterWordCounts(given: String, narrowed: String, expected: String) async throws {
        let fixture = try await GateFixture(policy: Self.byText)
        let (server, registry) = try Self.tools()
        let approver = FakeApprover { [ben = fixture.ben.id] _ in .allowed(by: ben) }
        let result = await fixture.gate(approver: approver, hooks: Hooks.narrowing(to: ["text": .string(narrowed)]))
            .call(fixture.request("write", ["text": .string(given)]), in: registry)
        #expect((result.outcome == .denied) == (expected == "deny"), "\(result.result.text)")
        #expect(approver.asked.withLock { $0.count } == (expected == "ask" ? 1 : 0))
        #expect(server.ran.withLock { $0.count } == (expected == "deny" ? 0 : 1))
        // What people are asked about is what would run.
        #expect(approver.asked.withLock { $0.allSatisfy { $0.arguments == ["text": .string(narrowed)] } })
    }

    /// Hooks take their time: a conversation made more careful meanwhile is, from Unattended too.
    @Test(arguments: [(Mode.bypassPermissions, Mode.auto), (.auto, .readOnly), (.bypassPermissions, .readOnly)])
    func aModeTightenedWhileHooksRunCounts(before: Mode, after: Mode) async throws {
        let fixture = try await GateFixture()
        let server = FakeServer([("post", .external, { _ in .text("posted") })])
        let database = fixture.database
        try await database.setMode(before, of: fixture.session.conversation)
        let hooks = Hooks(before: { request in
            try await database.setMode(after, of: fixture.session.conversation)
            return .pass(arguments: request.arguments, HookFindings())
        })
        var request = fixture.request("post", [:])
        request.mode = before
        let approver = FakeApprover { _ in .expired }
        let result = await fixture.gate(approver: approver, hooks: hooks)
            .call(request, in: try ToolRegistry(servers: [server]))
        #expect(result.outcome == .denied && server.ran.withLock { $0.isEmpty })
        #expect(approver.asked.withLock { $0.count } == (after == .auto ? 1 : 0))
    }

    /// The policy has changed while people were asked: at the answer too the given arguments count.
    @Test func theGivenArgumentsCountAtTheAnswerToo() async throws {
        let fixture = try await GateFixture(policy: Self.byText)
        let (server, registry) = try Self.tools()
        let approver = FakeApprover { request in
            try fixture.setPolicy(
                "version: 1\nrules:\n  - {name: now-no, tool: write, arguments: [{at: /text, equals: a}], decision: deny}"
            )
            return .allowed(by: fixture.ben.id)
        }
        let result = await fixture.gate(approver: approver, hooks: Hooks.narrowing(to: ["text": "b"]))
            .call(fixture.request("write", ["text": "a"]), in: registry)
        #expect(result.outcome == .denied && result.result.text.contains("now-no"), "\(result.result.text)")
        #expect(server.ran.withLock { $0.isEmpty })
    }

    @Test func narrowedArgumentsAreCheckedAsTheAgents() async throws {
        let fixture = try await GateFixture()
        let (server, registry) = try Self.tools()
        for arguments: JSONObject in [["text": 1], ["other": "x"]] {
            let result = await fixture.gate(hooks: Hooks.narrowing(to: arguments))
                .call(fixture.request("write", ["text": "a"]), in: registry)
            #expect(result.outcome == .denied && result.result.text.contains("what a hook made of its arguments"))
        }
        #expect(server.ran.withLock { $0.isEmpty })
    }

    @Test func aHooksQuestionIsAskedAndRecheckedAndNeverWaived() async throws {
        let fixture = try await GateFixture(policy: Self.byText)
        let (server, registry) = try Self.tools()
        let anna = FakeApprover { [anna = fixture.anna.id] _ in .allowed(by: anna) }
        let asked = await fixture.gate(approver: anna, hooks: Hooks.asking())
            .call(fixture.request("write", ["text": "a"]), in: registry)
        #expect(asked.outcome == .done)
        #expect(anna.asked.withLock { $0.first?.reason } == "changes are frozen")
        // Hers is not enough where the hook wants an admin's.
        let refused = await fixture.gate(approver: anna, hooks: Hooks.asking(.admins))
            .call(fixture.request("write", ["text": "a"]), in: registry)
        #expect(refused.outcome == .denied)
        try await fixture.database.setMode(.bypassPermissions, of: fixture.session.conversation)
        let unattended = await fixture.gate(approver: anna, hooks: Hooks.asking())
            .call(fixture.request("write", ["text": "a"], mode: .bypassPermissions), in: registry)
        #expect(unattended.outcome == .denied && unattended.result.text.contains("nobody is asked in Unattended"))
        try await fixture.database.setMode(.auto, of: fixture.session.conversation)
        // A hook that asks does not make a question of a denial.
        let denied = await fixture.gate(approver: anna, hooks: Hooks.asking())
            .call(fixture.request("write", ["text": "c"]), in: registry)
        #expect(denied.outcome == .denied && anna.asked.withLock { $0.count } == 2)
        #expect(server.ran.withLock { $0.count } == 1)
    }

    @Test func whatAHookMakesOfAResultIsWhatTheAgentSees() async throws {
        let fixture = try await GateFixture()
        let (_, registry) = try Self.tools()
        let hooks = Hooks(
            before: { request in
                var findings = HookFindings()
                findings.notes = ["[scan: looked at]"]
                return .pass(arguments: request.arguments, findings)
            }, result: { _ in .text("redacted") })
        let result = await fixture.gate(hooks: hooks).call(fixture.request("write", ["text": "a"]), in: registry)
        #expect(
            result.outcome == .done && result.result.text.contains("redacted")
                && !result.result.text.contains("ran with"))
        #expect(result.result.text.contains("[scan: looked at]"))
    }

    @Test func aCancelledCallIsRecordedAsSuch() async throws {
        let fixture = try await GateFixture()
        let (server, registry) = try Self.tools()
        let gate = fixture.gate(hooks: Hooks(before: { _ in throw CancellationError() }))
        _ = await gate.call(fixture.request("write", ["text": "a"]), in: registry)
        #expect(server.ran.withLock { $0.isEmpty })
        #expect(try await fixture.rows().map(\.decision) == ["cancelled"])
    }
}
