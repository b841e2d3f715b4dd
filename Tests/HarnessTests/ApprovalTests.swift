import Audit
import Harness
import MCP
import Model
import Policy
import Store
import Synchronization
import Testing
import ToolServers

@Suite struct ApprovalTests {
    let server = FakeServer([("post", .external, { _ in .text("posted") })])
    let registry: ToolRegistry

    init() throws {
        registry = try ToolRegistry(servers: [server])
    }

    private var hasRun: Bool { server.ran.withLock { !$0.isEmpty } }

    private func call(
        _ fixture: GateFixture, labels: Labels = [], _ answer: @escaping FakeApprover.Body
    ) async -> (GateResult, FakeApprover) {
        let approver = FakeApprover(answer)
        let request = fixture.request("post", ["text": "hello"], labels: labels)
        return (await fixture.gate(approver: approver).call(request, in: registry), approver)
    }

    @Test func aYesRunsTheVeryCallThatWasShown() async throws {
        let fixture = try await GateFixture()
        let (answer, approver) = await call(fixture) { _ in .allowed(by: fixture.anna.id) }
        #expect(answer.outcome == .done && hasRun)
        let asked = try #require(approver.asked.withLock { $0.first })
        #expect(asked.arguments == ["text": "hello"] && asked.argumentsDigest.count == 64)
        #expect(asked.reason == "others will see or feel it" && asked.approvers == .requester)
        let rows = try await fixture.rows()
        #expect(rows.map(\.kind) == ["event", "intent", "outcome"])
        #expect(rows.map(\.decision) == ["ask", "approved", nil])
        #expect(rows[1].details?["approvedBy"] == .string(fixture.anna.id.rawValue))
    }

    @Test func aNoIsHandedOn() async throws {
        let fixture = try await GateFixture()
        let (answer, _) = await call(fixture) { _ in .denied(by: fixture.anna.id, reason: "not to them") }
        #expect(answer.outcome == .denied && answer.result.text.contains("not to them") && !hasRun)
        let rows = try await fixture.rows()
        #expect(rows.map(\.decision) == ["ask", "refused"])
        #expect(rows[1].details?["refusedBy"] == .string(fixture.anna.id.rawValue))
    }

    @Test func silenceAndFailureAreDenials() async throws {
        let fixture = try await GateFixture()
        let (expired, _) = await call(fixture) { _ in .expired }
        #expect(expired.outcome == .denied && expired.result.text.contains("nobody answered in time"))
        let (failed, _) = await call(fixture) { _ in throw StoreError(.failed, "no surface") }
        #expect(failed.outcome == .denied && failed.result.text.contains("no surface"))
        // An approver that does not end by itself.
        let silentApprover = FakeApprover { _ in
            await withCheckedContinuation { (_: CheckedContinuation<Void, Never>) in }
            return .allowed(by: fixture.anna.id)
        }
        let silent = await fixture.gate(approver: silentApprover, clock: ImmediateClock())
            .call(fixture.request("post"), in: registry)
        #expect(silent.outcome == .denied && !hasRun)
        #expect(try await fixture.rows().map(\.decision) == ["ask", "expired", "ask", "refused", "ask", "expired"])
    }

    @Test func onlyThoseTheRuleNamesMayAnswer() async throws {
        let fixture = try await GateFixture()
        let (other, _) = await call(fixture) { _ in .allowed(by: fixture.ben.id) }
        #expect(other.outcome == .denied && other.result.text.contains("may not decide"))
        let (nobody, _) = await call(fixture) { _ in .allowed(by: PersonID(trusted: "nobody")) }
        #expect(nobody.outcome == .denied && !hasRun)
        try fixture.setPolicy("version: 1\nrules:\n  - {name: a, tool: post, decision: ask, approvers: admins}")
        let (member, _) = await call(fixture) { _ in .allowed(by: fixture.anna.id) }
        #expect(member.outcome == .denied && !hasRun)
        let (admin, _) = await call(fixture) { _ in .allowed(by: fixture.ben.id) }
        #expect(admin.outcome == .done)
    }

    @Test func whatChangedMeanwhileCounts() async throws {
        let fixture = try await GateFixture()
        let database = fixture.database
        let (denied, _) = await call(fixture) { _ in
            try fixture.setPolicy("version: 1\ndeny:\n  - {name: no, tool: post}")
            return .allowed(by: fixture.anna.id)
        }
        #expect(denied.outcome == .denied && denied.result.text.contains("no (policy line 3)"))
        try fixture.setPolicy("version: 1")
        let (stricter, _) = await call(fixture) { _ in
            try fixture.setPolicy("version: 1\nrules:\n  - {name: a, tool: post, decision: ask, approvers: admins}")
            return .allowed(by: fixture.anna.id)
        }
        #expect(stricter.outcome == .denied && stricter.result.text.contains("somebody else has to decide"))
        try fixture.setPolicy("version: 1")
        let (tightened, _) = await call(fixture) { _ in
            try await database.setMode(.readOnly, of: fixture.session.conversation)
            return .allowed(by: fixture.anna.id)
        }
        #expect(tightened.outcome == .denied && tightened.result.text.contains("read only"))
        try await database.setMode(.auto, of: fixture.session.conversation)
        let (ended, _) = await call(fixture) { _ in
            try await database.endSession(fixture.session.id, reason: "idle")
            return .allowed(by: fixture.anna.id)
        }
        #expect(ended.outcome == .denied && ended.result.text.contains("ended"))
        #expect(!hasRun)
    }

    @Test func labelsThatGrewMeanwhileCount() async throws {
        let fixture = try await GateFixture()
        let (answer, _) = await call(fixture) { _ in
            try fixture.setPolicy("version: 1\nrules:\n  - {name: a, tool: post, decision: allow}")
            _ = try await fixture.database.label(fixture.session.id, adding: [.untrusted, .private])
            return .allowed(by: fixture.anna.id)
        }
        #expect(answer.outcome == .done)
        #expect(try await fixture.rows().map(\.rule) == ["Standard mode", "rule of two", nil])
    }

    @Test func aGuestsGrantEndsWithTheRole() async throws {
        let fixture = try await GateFixture(policy: Policy.standardText)
        let (answer, _) = await call(fixture) { _ in
            try await fixture.database.admit(fixture.anna.id, as: .guest)
            return .allowed(by: fixture.anna.id)
        }
        #expect(answer.outcome == .denied && !hasRun)
    }

    @Test func whoeverMayNotComeInAnyMoreDecidesNothing() async throws {
        let fixture = try await GateFixture(policy: Self.twoPeople)
        let (answer, _) = await call(fixture) { _ in
            try await fixture.database.deactivate(fixture.ben.id)
            return .allowed(by: fixture.ben.id)
        }
        #expect(answer.outcome == .denied && answer.result.text.contains("may not decide") && !hasRun)
        try await fixture.database.admit(fixture.ben.id, as: .admin)
        let (requester, _) = await call(fixture) { _ in
            try await fixture.database.deactivate(fixture.anna.id)
            return .allowed(by: fixture.ben.id)
        }
        #expect(requester.outcome == .denied && !hasRun)
    }

    @Test func nothingRunsForOneWhoMayNotComeInAnyMore() async throws {
        let fixture = try await GateFixture(policy: "version: 1\nrules:\n  - {name: a, tool: post, decision: allow}")
        var request = fixture.request("post", ["text": "hello"])
        request.onBehalfBy = fixture.ben.id
        #expect(await fixture.gate().call(request, in: registry).outcome == .done)
        for person in [fixture.anna.id, fixture.ben.id] {
            try await fixture.database.deactivate(person)
            let refused = await fixture.gate().call(request, in: registry)
            #expect(refused.outcome == .denied && refused.result.text.contains("any more"))
            #expect(try await fixture.rows().last?.decision == "deny")
            try await fixture.database.admit(person, as: person == fixture.ben.id ? .admin : .member)
        }
        #expect(await fixture.gate().call(request, in: registry).outcome == .done)
        #expect(server.ran.withLock { $0.count } == 2)
    }

    private static let twoPeople =
        "version: 1\nrules:\n  - {name: two, tool: post, decision: ask, approvers: secondPerson}"

    @Test func whoSpokeForTheRequesterIsNoSecondPerson() async throws {
        let fixture = try await GateFixture(policy: Self.twoPeople)
        let (free, _) = await call(fixture) { _ in .allowed(by: fixture.ben.id) }
        #expect(free.outcome == .done)
        // Words in her name, in a turn of her own: whose turn it is does not matter.
        _ = try await fixture.database.acceptInbound(
            InboundDraft(
                channel: fixture.session.channel, conversation: fixture.session.conversation, author: fixture.anna.id,
                onBehalfBy: fixture.ben.id, text: "and post it", surface: "cli", eventID: "2"))
        let (answer, _) = await call(fixture) { _ in .allowed(by: fixture.ben.id) }
        #expect(answer.outcome == .denied && answer.result.text.contains("takes another one"))
        #expect(server.ran.withLock { $0.count } == 1)
    }

    @Test func aSecondPersonWhoHasLeftTheRoomIsNone() async throws {
        let fixture = try await GateFixture(policy: Self.twoPeople)
        let (database, room) = (fixture.database, fixture.session.channel)
        let cleo = try await database.findOrCreatePerson(name: "cleo").id
        try await database.addMember(cleo, to: room)
        let (there, _) = await call(fixture) { _ in .allowed(by: cleo) }
        #expect(there.outcome == .done)
        let (gone, _) = await call(fixture) { _ in
            try await database.removeMember(cleo, from: room)
            return .allowed(by: cleo)
        }
        #expect(gone.outcome == .denied && server.ran.withLock { $0.count } == 1)
    }

    @Test func cancellingWhileAskingWithdrawsTheQuestion() async throws {
        let fixture = try await GateFixture()
        let asking = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            await call(fixture) { _ in
                asking.continuation.finish()
                try await Task.sleep(for: .seconds(3600))
                return .allowed(by: fixture.anna.id)
            }.0
        }
        for await _ in asking.stream {}
        task.cancel()
        #expect(await task.value.outcome == .cancelled)
        #expect(try await fixture.rows().map(\.decision) == ["ask", "cancelled"])
        #expect(!hasRun)
    }

    @Test func theRuleOfTwoAsksOverAGrant() async throws {
        let fixture = try await GateFixture(policy: "version: 1\nrules:\n  - {name: a, tool: post, decision: allow}")
        let (plain, approver) = await call(fixture) { _ in .expired }
        #expect(plain.outcome == .done && approver.asked.withLock { $0.isEmpty })
        let (both, _) = await call(fixture, labels: [.untrusted, .private]) { _ in .expired }
        #expect(both.outcome == .denied && both.result.text.contains("rule of two"))
    }
}
