import Audit
import Harness
import MCP
import Model
import Policy
import Store
import Synchronization
import Testing
import ToolServers

/// Answers that come back to a call after the one that asked had let go.
@Suite struct RedemptionTests {
    private let server = FakeServer([
        ("post", .external, { _ in .text("posted") }), ("bash", .write, { _ in .text("") }),
    ])
    private let registry: ToolRegistry
    private static let approval = ApprovalID(trusted: "a1")

    init() throws {
        registry = try ToolRegistry(servers: [server])
    }

    private var runs: Int { server.ran.withLock { $0.count } }

    /// Lets go of every question, and gives out each answer once.
    private final class Desk: Approver {
        let asked = Mutex<[ApprovalRequest]>([])
        let taken = Mutex<Set<ApprovalID>>([])

        func ask(_ request: ApprovalRequest) async throws -> ApprovalAnswer {
            asked.withLock { $0.append(request) }
            return .suspended(RedemptionTests.approval)
        }

        func take(_ approval: ApprovalID) async throws -> Bool { taken.withLock { $0.insert(approval).inserted } }
    }

    private func gate(_ fixture: GateFixture, _ desk: any Approver) -> Gate {
        Gate(
            policy: fixture.policy, audit: fixture.audit, approver: desk, standing: fixture.database,
            pauses: fixture.pauses, keeper: FakeKeeper())
    }

    private func suspended(_ fixture: GateFixture, _ desk: Desk) async throws -> ApprovalRequest {
        let asked = await gate(fixture, desk).call(fixture.request("post", ["text": "hello"]), in: registry)
        #expect(asked.outcome == .suspended && asked.result.text.contains("suspended"))
        #expect(runs == 0)
        return try #require(desk.asked.withLock { $0.first })
    }

    @Test func aYesRunsTheCallOnceInAnotherSession() async throws {
        let fixture = try await GateFixture()
        let desk = Desk()
        let ask = try await suspended(fixture, desk)
        try await fixture.database.endSession(fixture.session.id, reason: "waits")
        let next = try await fixture.database.startSession(
            conversation: fixture.session.conversation, requester: fixture.anna.id)
        var request = fixture.request("post", ["text": "hello"])
        request.session = next.id
        request.answered = AnsweredQuestion(
            approval: Self.approval, request: ask, answer: .allowed(by: fixture.anna.id))
        #expect(await gate(fixture, desk).call(request, in: registry).outcome == .done)
        let again = await gate(fixture, desk).call(request, in: registry)
        #expect(again.outcome == .denied && again.result.text.contains("may have run already") && runs == 1)
        let rows = try await fixture.rows()
        #expect(
            rows.map { $0.event ?? $0.decision } == [
                "approval.asked", "approval.suspended", "approved", "done", "refused",
            ])
        #expect(rows[2...].filter { $0.kind == "intent" }.allSatisfy { $0.details?["approval"] == "a1" })
        // It asks nobody a second time.
        #expect(desk.asked.withLock { $0.count } == 1)
    }

    /// What was shown, for whom and where it was asked, as what it was.
    @Test func anotherCallThanTheOneThatWasShownDoesNotRun() async throws {
        let fixture = try await GateFixture()
        let desk = Desk()
        let ask = try await suspended(fixture, desk)
        func run(_ tool: String = "post", _ change: (inout CallRequest) -> Void) async -> GateResult {
            var request = fixture.request(tool, ["text": "hello"])
            request.answered = AnsweredQuestion(
                approval: Self.approval, request: ask, answer: .allowed(by: fixture.anna.id))
            change(&request)
            return await gate(fixture, desk).call(request, in: registry)
        }
        let others = [
            await run { $0.arguments = ["text": "hello!"] },
            await run("bash") { _ in },
            await run { $0.requester = fixture.ben.id },
            await run { $0.conversation = ConversationID(trusted: "elsewhere") },
        ]
        #expect(
            others.allSatisfy {
                $0.outcome == .denied && $0.result.text.contains("not the call that people were shown")
            })
        try fixture.setPolicy("version: 1\ntools:\n  - {tool: post, effect: destructive}")
        #expect(await run { _ in }.result.text.contains("not the call that people were shown"))
        #expect(desk.taken.withLock { $0.isEmpty } && runs == 0)
        try fixture.setPolicy("version: 1")
        #expect(await run { _ in }.outcome == .done)
    }

    @Test func whatIsRefusedUsesNothingUp() async throws {
        let fixture = try await GateFixture()
        let desk = Desk()
        let ask = try await suspended(fixture, desk)
        func run(_ answer: ApprovalAnswer) async -> GateResult {
            var request = fixture.request("post", ["text": "hello"])
            request.answered = AnsweredQuestion(approval: Self.approval, request: ask, answer: answer)
            return await gate(fixture, desk).call(request, in: registry)
        }
        #expect(await run(.denied(by: fixture.anna.id, reason: "no")).result.text.contains("declined post: no"))
        #expect(await run(.expired).outcome == .denied)
        #expect(await run(.allowed(by: fixture.ben.id)).result.text.contains("may not decide"))
        try fixture.setPolicy("version: 1\ndeny:\n  - {name: no, tool: post}")
        #expect(await run(.allowed(by: fixture.anna.id)).result.text.contains("no (policy line 3)"))
        #expect(desk.taken.withLock { $0.isEmpty } && runs == 0)
    }

    /// An approver that keeps no questions has none come back.
    @Test func nothingComesBackFromWhoKeepsNothing() async throws {
        let fixture = try await GateFixture()
        let ask = try await suspended(fixture, Desk())
        var request = fixture.request("post", ["text": "hello"])
        request.answered = AnsweredQuestion(
            approval: Self.approval, request: ask, answer: .allowed(by: fixture.anna.id))
        #expect(await fixture.gate().call(request, in: registry).outcome == .denied && runs == 0)
    }
}
