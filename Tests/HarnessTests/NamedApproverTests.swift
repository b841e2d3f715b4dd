import Audit
import Harness
import MCP
import Model
import Store
import Testing
import ToolServers

/// Named approvers and deputies, at the gate: what held when it was asked is looked at again when it is answered.
@Suite struct NamedApproverTests {
    let server = FakeServer([("post", .external, { _ in .text("posted") })])
    let registry: ToolRegistry

    init() throws {
        registry = try ToolRegistry(servers: [server])
    }

    private static func policy(_ approvers: String) -> String {
        "version: 1\nrules:\n  - {name: a, tool: post, decision: ask, \(approvers)}"
    }

    private func call(_ fixture: GateFixture, _ answer: @escaping FakeApprover.Body) async -> GateResult {
        await fixture.gate(approver: FakeApprover(answer)).call(fixture.request("post"), in: registry)
    }

    @Test func oneOfTheNamedAndNobodyElse() async throws {
        let fixture = try await GateFixture(policy: Self.policy("approvers: [carl, anna]"))
        let carl = try await fixture.database.findOrCreatePerson(name: "Carl")
        for person in [fixture.anna, fixture.ben] {
            let refused = await call(fixture) { _ in .allowed(by: person.id) }
            #expect(refused.outcome == .denied && refused.result.text.contains("may not decide"), "\(person.name)")
        }
        #expect(await call(fixture) { _ in .allowed(by: carl.id) }.outcome == .done)
        try fixture.setPolicy(Self.policy("approvers: [carl, anna], self: true"))
        #expect(await call(fixture) { _ in .allowed(by: fixture.anna.id) }.outcome == .done)
        // Named no more when the answer comes.
        let late = await call(fixture) { _ in
            try fixture.setPolicy(Self.policy("approvers: [ben]"))
            return .allowed(by: carl.id)
        }
        #expect(late.outcome == .denied && late.result.text.contains("somebody else has to decide"))
    }

    @Test func aDeputyAnswersAndBothAreOnRecord() async throws {
        let fixture = try await GateFixture(policy: Self.policy("approvers: [carl]"))
        let database = fixture.database
        let carl = try await database.findOrCreatePerson(name: "carl")
        let dora = try await database.findOrCreatePerson(name: "dora")
        #expect(await call(fixture) { _ in .allowed(by: dora.id) }.outcome == .denied)
        try await database.setDeputy(dora.id, of: carl.id, until: nil, by: carl.id)
        #expect(await call(fixture) { _ in .allowed(by: dora.id) }.outcome == .done)
        let allowed = try #require(try await fixture.rows().last { $0.decision == "approved" }?.details)
        #expect(allowed["approvedBy"] == .string(dora.id.rawValue))
        #expect(allowed["approvedFor"] == .string(carl.id.rawValue))
        #expect(await call(fixture) { _ in .denied(by: dora.id) }.outcome == .denied)
        let refused = try #require(try await fixture.rows().last?.details)
        #expect(refused["refusedBy"] == .string(dora.id.rawValue))
        #expect(refused["refusedFor"] == .string(carl.id.rawValue))
        // The requester's being the deputy makes two people one.
        try await database.setDeputy(fixture.anna.id, of: carl.id, until: nil, by: carl.id)
        #expect(await call(fixture) { _ in .allowed(by: fixture.anna.id) }.outcome == .denied)
        // Taken back, or run out, while it was asked.
        try await database.setDeputy(dora.id, of: carl.id, until: nil, by: carl.id)
        let takenBack = await call(fixture) { _ in
            _ = try await database.removeDeputy(of: carl.id)
            return .allowed(by: dora.id)
        }
        #expect(takenBack.outcome == .denied)
        try await database.setDeputy(dora.id, of: carl.id, until: Timestamp(milliseconds: 1), by: carl.id)
        #expect(await call(fixture) { _ in .allowed(by: dora.id) }.outcome == .denied)
    }

    @Test func theRequestersDeputyConfirmsOnlyWhereTheRuleSaysSo() async throws {
        let fixture = try await GateFixture()
        try await fixture.database.setDeputy(fixture.ben.id, of: fixture.anna.id, until: nil, by: fixture.anna.id)
        #expect(await call(fixture) { _ in .allowed(by: fixture.ben.id) }.outcome == .denied)
        try fixture.setPolicy(Self.policy("deputies: true"))
        #expect(await call(fixture) { _ in .allowed(by: fixture.ben.id) }.outcome == .done)
    }

    @Test func ofADeactivatedPersonOnlyTheNameIsPassedOn() async throws {
        let fixture = try await GateFixture(policy: Self.policy("approvers: [ben]"))
        let dora = try await fixture.database.findOrCreatePerson(name: "dora")
        try await fixture.database.setDeputy(dora.id, of: fixture.ben.id, until: nil, by: fixture.ben.id)
        try await fixture.database.deactivate(fixture.ben.id)
        #expect(await call(fixture) { _ in .allowed(by: fixture.ben.id) }.outcome == .denied)
        #expect(await call(fixture) { _ in .allowed(by: dora.id) }.outcome == .done)
        // Ben's being an admin ended with him.
        try fixture.setPolicy(Self.policy("approvers: admins"))
        #expect(await call(fixture) { _ in .allowed(by: dora.id) }.outcome == .denied)
    }
}
