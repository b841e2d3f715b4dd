import Audit
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

    @Test func whatIsPausedStartsNoHook() async throws {
        let fixture = try await GateFixture()
        try await fixture.pauses.pause(.all, by: fixture.ben.id, reason: "")
        let asked = Mutex(0)
        let hooks = HookGateTests.Hooks(before: { request in
            asked.withLock { $0 += 1 }
            return .pass(arguments: request.arguments, HookFindings())
        })
        let gate = fixture.gate(hooks: hooks)
        #expect(await gate.call(fixture.request("read", [:]), in: registry).outcome == .denied)
        #expect(asked.withLock { $0 } == 0)
        _ = try await fixture.pauses.resume(.all, by: fixture.ben.id)
        #expect(await gate.call(fixture.request("read", [:]), in: registry).outcome == .done)
        #expect(asked.withLock { $0 } == 1)
    }

    @Test func whatIsNotMeantRunsOn() async throws {
        let fixture = try await GateFixture()
        for scope in [PauseScope.person(fixture.ben.id), .channel(ChannelID(trusted: "other")), .tool("post")] {
            try await fixture.pauses.pause(scope, by: fixture.ben.id, reason: "")
        }
        #expect(await fixture.gate().call(fixture.request("read", [:]), in: registry).outcome == .done)
        #expect(
            fixture.pauses.pause(
                person: fixture.anna.id, onBehalfBy: nil, channel: fixture.request("read", [:]).channel) == nil)
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

    @Test func aPersonsPauseHoldsInAnothersNameToo() async throws {
        let fixture = try await GateFixture()
        try await fixture.pauses.pause(.person(fixture.ben.id), by: fixture.anna.id, reason: "")
        var request = fixture.request("read", [:])
        request.onBehalfBy = fixture.ben.id
        #expect(await fixture.gate().call(request, in: registry).outcome == .denied)
    }

    /// A script whose variable is empty: refused, and nothing is the worse for it.
    @Test func whatCannotBeReadAgainIsNotPaused() async throws {
        let fixture = try await GateFixture()
        await #expect(throws: StoreError.self) {
            try await fixture.pauses.pause(.tool(""), by: fixture.ben.id, reason: "")
        }
        #expect(try await fixture.database.pauses().isEmpty)
        #expect(PauseScope("tool:") == nil && PauseScope("person:") == nil && PauseScope("tool:a:b") == .tool("a:b"))
    }

    @Test func manyChangesAtOnceLeaveWhatTheStoreHas() async throws {
        let fixture = try await GateFixture()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                group.addTask {
                    try await fixture.pauses.pause(.tool("t\(number)"), by: fixture.ben.id, reason: "")
                    if number.isMultiple(of: 2) {
                        _ = try await fixture.pauses.resume(.tool("t\(number)"), by: fixture.ben.id)
                    }
                }
            }
            try await group.waitForAll()
        }
        let stored = try await fixture.database.pauses().map(\.scope)
        #expect(fixture.pauses.current.map(\.scope.text) == stored && stored.count == 20)
    }

    /// An admin who is none any more acts for nobody, however the session began.
    @Test func whoLostTheRightActsInNobodysName() async throws {
        let fixture = try await GateFixture()
        var request = fixture.request("read", [:])
        request.onBehalfBy = fixture.ben.id
        #expect(await fixture.gate().call(request, in: registry).outcome == .done)
        let carl = try await fixture.database.findOrCreatePerson(name: "carl")
        request.id = CallID(trusted: "second")
        request.onBehalfBy = carl.id
        #expect(await fixture.gate().call(request, in: registry).outcome == .denied)
    }

    @Test func aPauseThatIsNotUnderstoodKeepsTheGateShut() async throws {
        let fixture = try await GateFixture()
        try await fixture.database.addPause("planet:mars", by: fixture.ben.id, reason: "")
        await #expect(throws: StoreError.self) {
            try await PauseBoard.open(fixture.database, audit: fixture.audit)
        }
    }
}
