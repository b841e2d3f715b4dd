import Harness
import MCP
import Model
import Store
import Synchronization
import Testing

@Suite struct PauseTests {
    private let server = FakeServer([
        ("read", .read, { _ in .text("content") }), ("post", .external, { _ in .text("posted") }),
    ])
    private let registry: ToolRegistry

    init() throws {
        registry = try ToolRegistry(servers: [server])
    }

    @Test func whatIsPausedDoesNotRunUntilItIsResumed() async throws {
        let fixture = try await GateFixture()
        let scopes: [PauseScope] = [
            .all, .person(fixture.anna.id), .channel(fixture.request("read", [:]).channel), .tool("read"),
        ]
        for scope in scopes {
            try await fixture.pauses.pause(scope, by: fixture.ben.id, reason: "looking")
            let refused = await fixture.gate().call(fixture.request("read", [:]), in: registry)
            #expect(refused.outcome == .denied && refused.result.text.contains("paused by ben (looking)"), "\(scope)")
            #expect(try await fixture.rows().last?.rule == "paused: \(scope.text)")
            // A restart resumes nothing.
            let reopened = try await PauseBoard.open(fixture.database, audit: fixture.audit)
            #expect(reopened.current.map(\.scope) == [scope])
            #expect(PauseScope(scope.text) == scope)
            #expect(try await fixture.pauses.resume(scope, by: fixture.ben.id))
            #expect(await fixture.gate().call(fixture.request("read", [:]), in: registry).outcome == .done)
        }
        #expect(try await fixture.pauses.resume(.all, by: fixture.ben.id) == false)
        #expect(try await fixture.rows().filter { $0.event == "pause.began" }.count == scopes.count)
        #expect(server.ran.withLock { $0.count } == scopes.count)
    }

    @Test func whatIsNotMeantRunsOn() async throws {
        let fixture = try await GateFixture()
        for scope in [PauseScope.person(fixture.ben.id), .channel(ChannelID(trusted: "other")), .tool("post")] {
            try await fixture.pauses.pause(scope, by: fixture.ben.id, reason: "")
        }
        #expect(await fixture.gate().call(fixture.request("read", [:]), in: registry).outcome == .done)
        #expect(fixture.pauses.pause(person: fixture.anna.id, channel: fixture.request("read", [:]).channel) == nil)
    }

    /// Somebody clicks "allow" after somebody else has pulled the brake.
    @Test func anApprovalDoesNotOutrunAPause() async throws {
        let fixture = try await GateFixture()
        let approver = FakeApprover { [anna = fixture.anna.id, ben = fixture.ben.id, pauses = fixture.pauses] _ in
            try await pauses.pause(.all, by: ben, reason: "stop")
            return .allowed(by: anna)
        }
        let answer = await fixture.gate(approver: approver).call(fixture.request("post", [:]), in: registry)
        #expect(answer.outcome == .denied)
        #expect(server.ran.withLock { $0.isEmpty })
    }

    @Test func aPauseThatIsNotUnderstoodKeepsTheGateShut() async throws {
        let fixture = try await GateFixture()
        try await fixture.database.addPause("planet:mars", by: fixture.ben.id, reason: "")
        await #expect(throws: StoreError.self) {
            try await PauseBoard.open(fixture.database, audit: fixture.audit)
        }
    }
}
