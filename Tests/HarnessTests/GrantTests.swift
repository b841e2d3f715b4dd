import Audit
@testable import Harness
import MCP
import Model
import Policy
import Store
import Synchronization
import Testing
import ToolServers

/// What an answer for more than one call does at the gate, and all that it does not.
@Suite struct GrantTests {
    let server = FakeServer([
        ("post", .external, { _ in .text("posted") }), ("write", .write, { _ in .text("written") }),
        ("bash", .write, { _ in .text("ran") }),
    ])
    let registry: ToolRegistry

    init() throws {
        registry = try ToolRegistry(servers: [server])
    }

    static func asks(_ more: String = "", tool: String = "\"*\"") -> String {
        "version: 1\nrules:\n  - {name: ask, tool: \(tool), decision: ask\(more.isEmpty ? "" : ", " + more)}"
    }

    /// The first call is answered for `scope` by `giver`; what is asked after that is denied.
    private func approver(_ fixture: GateFixture, _ scope: GrantScope, by giver: PersonID) -> FakeApprover {
        let isFirst = Mutex(true)
        return FakeApprover { ask in
            let mayGive = isFirst.withLock { first in
                defer { first = false }
                return first
            }
            guard mayGive else { return .denied(by: giver) }
            try await fixture.give(ask, scope, by: giver)
            return .allowed(by: giver)
        }
    }

    @Test func aGrantAnswersTheSameQuestionAndIsNamedOnRecord() async throws {
        let fixture = try await GateFixture(policy: Self.asks())
        let approver = approver(fixture, .conversation, by: fixture.anna.id)
        let gate = fixture.gate(approver: approver)
        let asked = await gate.call(fixture.request("write", ["text": "one"]), in: registry)
        #expect(asked.outcome == .done)
        // Other arguments, the same rule.
        let free = await gate.call(fixture.request("write", ["text": "two"]), in: registry)
        #expect(free.outcome == .done && approver.asked.withLock { $0.count } == 1)
        let row = try #require(try await fixture.rows().last { $0.kind == "intent" })
        let grant = try #require(try await fixture.database.grants(of: nil).first)
        #expect(row.decision == "approved" && row.rule == "grant \(grant.id) for ask (policy line 3)")
        #expect(row.details?["grant"] == .string(grant.id.rawValue))
        #expect(row.details?["approvedBy"] == .string(fixture.anna.id.rawValue))
        // Another tool of the same rule is another question.
        #expect(await gate.call(fixture.request("post"), in: registry).outcome == .denied)
        #expect(approver.asked.withLock { $0.count } == 2)
    }

    @Test func aRevokedOneIsAskedAgain() async throws {
        let fixture = try await GateFixture(policy: Self.asks())
        let approver = approver(fixture, .channel, by: fixture.anna.id)
        let gate = fixture.gate(approver: approver)
        for _ in 0..<2 { #expect(await gate.call(fixture.request("write"), in: registry).outcome == .done) }
        let grant = try #require(try await fixture.database.grants(of: nil).first)
        #expect(try await fixture.database.revokeGrant(grant.id, by: fixture.anna.id))
        #expect(await gate.call(fixture.request("write"), in: registry).outcome == .denied)
        #expect(approver.asked.withLock { $0.count } == 2)
    }

    @Test func aCommandIsGrantedWordForWord() async throws {
        let fixture = try await GateFixture(policy: Self.asks())
        let approver = approver(fixture, .conversation, by: fixture.anna.id)
        let gate = fixture.gate(approver: approver)
        let request = fixture.request("bash", ["command": "make"])
        #expect(await gate.call(request, in: registry).outcome == .done)
        #expect(approver.asked.withLock { $0.first?.offer?.reach } == .conversation)
        #expect(await gate.call(fixture.request("bash", ["command": "make"]), in: registry).outcome == .done)
        #expect(await gate.call(fixture.request("bash", ["command": "make "]), in: registry).outcome == .denied)
        #expect(
            await gate.call(fixture.request("bash", ["command": "make", "text": "x"]), in: registry).outcome == .denied)
    }

    /// What stands over every grant. Each is tried with a grant that would otherwise speak for the call.
    @Test(arguments: [
        "denial", "rule of two", "read only", "unattended", "pause", "on behalf", "more careful", "more labels",
        "no grants here", "another rule", "giver gone", "requester's role", "not recorded",
    ])
    func nothingElseGivesWay(_ what: String) async throws {
        let fixture = try await GateFixture(policy: Self.asks())
        let approver = approver(fixture, .channel, by: fixture.anna.id)
        let gate = fixture.gate(approver: approver)
        #expect(await gate.call(fixture.request("post"), in: registry).outcome == .done)
        #expect(await gate.call(fixture.request("post"), in: registry).outcome == .done, "the grant holds")
        var request = fixture.request("post")
        switch what {
        case "denial":
            try fixture.setPolicy("version: 1\ndeny:\n  - {name: no, tool: post}\n" + Self.asks().dropFirst(11))
        case "rule of two": request.labels = [.untrusted, .private]
        case "read only": request.mode = .readOnly
        case "unattended":
            try await fixture.database.setMode(.bypassPermissions, of: fixture.session.conversation)
            request.mode = .bypassPermissions
        case "pause": try await fixture.pauses.pause(.tool("post"), by: fixture.ben.id, reason: "")
        case "on behalf": request.onBehalfBy = fixture.ben.id
        case "more careful": request.mode = .acceptEdits
        case "more labels": request.labels = [.untrusted]
        case "no grants here": try fixture.setPolicy(Self.asks("grants: none"))
        case "another rule": try fixture.setPolicy(Self.asks().replacing("name: ask", with: "name: other"))
        case "giver gone": try await fixture.database.deactivate(fixture.anna.id)
        case "requester's role": try await fixture.database.admit(fixture.anna.id, as: .guest)
        default:
            let grant = try #require(try await fixture.database.grants(of: nil).first)
            try await fixture.forgetRecord(of: grant.id)
        }
        let before = server.ran.withLock { $0.count }
        #expect(await gate.call(request, in: registry).outcome == .denied)
        #expect(server.ran.withLock { $0.count } == before)
    }

    /// Labels both there when it was given: still asked each time, and nothing is offered.
    @Test func theRuleOfTwoOffersNothing() async throws {
        let fixture = try await GateFixture(policy: Self.asks())
        let approver = FakeApprover { _ in .allowed(by: fixture.anna.id) }
        let request = fixture.request("post", labels: [.untrusted, .private])
        #expect(await fixture.gate(approver: approver).call(request, in: registry).outcome == .done)
        #expect(approver.asked.withLock { $0.first?.offer } == nil)
    }

    /// A grant answers its rule's question, and no other that comes with the same call.
    @Test func whatAHookOrAnUnnamedDestinationAsksIsAskedEachTime() async throws {
        let fixture = try await GateFixture(policy: Self.asks())
        let approver = approver(fixture, .channel, by: fixture.anna.id)
        let gate = fixture.gate(approver: approver)
        let request = fixture.request("post", labels: .untrusted)
        for _ in 0..<2 { #expect(await gate.call(request, in: registry).outcome == .done) }
        #expect(approver.asked.withLock { $0.count } == 1, "the grant holds")
        for hooks in [HookGateTests.Hooks.asking(), .narrowing(to: ["text": "less"])] {
            let asking = fixture.gate(approver: approver, hooks: hooks)
            #expect(await asking.call(request, in: registry).outcome == .denied)
        }
        let stranger = fixture.request("post", ["text": "to mallory@example.com"], labels: .untrusted)
        #expect(await gate.call(stranger, in: registry).outcome == .denied)
        #expect(approver.asked.withLock { $0.count } == 4)
        #expect(approver.asked.withLock { $0.dropFirst().allSatisfy { $0.offer == nil } })
    }

    @Test func anotherDescriptionIsAnotherTool() async throws {
        let tool = Tool(name: "post", description: "Posts.", inputSchema: ["type": "object"])
        func digest(_ change: (inout Tool) -> Void, effect: Effect = .external, server: String = "a") -> String {
            var other = tool
            change(&other)
            return RegisteredTool(tool: other, effect: effect, server: server).digest(
                effect: effect, runsCommands: false)
        }
        let all = [
            digest { _ in }, digest { $0.name = "posts" }, digest { $0.description = "Posts to everybody." },
            digest { $0.inputSchema = ["type": "object", "required": ["to"]] }, digest({ _ in }, effect: .write),
            digest({ _ in }, server: "b"),
            RegisteredTool(tool: tool, effect: .external, server: "a").digest(effect: .external, runsCommands: true),
        ]
        #expect(Set(all).count == all.count)
        #expect(digest { $0.title = "Post" } == all[0])
    }
}

extension GateFixture {
    /// As the surfaces do it: the question stored, answered for more than the call, and that put on record.
    @discardableResult
    func give(_ ask: ApprovalRequest, _ scope: GrantScope, by giver: PersonID) async throws -> GrantRecord? {
        let approval = try await database.createApproval(
            ApprovalDraft(
                call: ask.call, session: ask.session, conversation: ask.conversation, requester: ask.requester,
                tool: ask.tool, effect: ask.effect, arguments: JSONValue.object(ask.arguments).text,
                argumentsDigest: ask.argumentsDigest, policyDigest: ask.policyDigest, rule: ask.rule.text,
                reason: ask.reason, approvers: ask.approvers.rawValue,
                expires: database.clock.now().advanced(by: .seconds(600)), labels: ask.labels, offer: ask.offer))
        let id: GrantID = identifiers.make()
        _ = try await database.decideApproval(
            approval.id, allow: true, by: giver, grant: GrantDraft(id: id, scope: scope))
        #expect(try await database.recordGrant(id, in: try await audit.event("grant.given")))
        return try await database.grant(id)
    }

    /// As a crash between giving and recording would leave it.
    func forgetRecord(of grant: GrantID) async throws {
        try folder.tamper("UPDATE grants SET recorded = NULL WHERE id = '\(grant)'")
    }
}
