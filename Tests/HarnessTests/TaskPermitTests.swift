import Audit
@testable import Harness
import MCP
import Model
import Policy
import Store
import Synchronization
import Testing
import ToolServers

/// What a task was allowed after its owner saw a run of it, and all that it was not.
@Suite struct TaskPermitTests {
    let server = FakeServer([
        ("post", .external, { _ in .text("posted") }), ("bash", .write, { _ in .text("ran") }),
        ("mail", .external, { _ in .text("mailed") }),
    ])
    let registry: ToolRegistry

    init() throws {
        registry = try ToolRegistry(servers: [server])
    }

    private static let policy = "version: 1\nrules:\n  - {name: ask, tool: \"*\", decision: ask}"

    /// A task of anna's, and a permit for what `request` asked.
    private func task(
        _ fixture: GateFixture, permitting request: CallRequest, by giver: PersonID? = nil
    ) async throws -> (TaskRecord, TaskStanding) {
        let asked = FakeApprover { _ in .denied(by: fixture.anna.id) }
        _ = await fixture.gate(approver: asked).call(request, in: registry)
        let ask = try #require(asked.asked.withLock { $0.first })
        let offer = try #require(ask.offer)
        let channel = try #require(try await fixture.database.channels(for: fixture.anna.id).first)
        let task = try await fixture.database.createTask(
            TaskDraft(
                TaskContent(name: "t", prompt: "p", schedule: "{}", digest: "d1", channel: channel.id),
                owner: fixture.anna.id, role: .member, nextRun: nil), limit: 10)
        try await fixture.database.addPermits(
            [
                TaskPermitDraft(
                    tool: ask.tool, toolDigest: offer.toolDigest, rule: offer.rule,
                    destination: CallDestination.text(
                        tool: ask.tool, arguments: ask.arguments, digest: ask.argumentsDigest,
                        isExact: offer.isExact || ask.effect != .external),
                    arguments: "{}", labels: ask.labels)
            ], to: task.id, digest: "d1", by: giver ?? fixture.anna.id, recorded: 1)
        return (task, TaskStanding(task: task.id, digest: "d1", ceiling: .member))
    }

    private func outcome(
        _ fixture: GateFixture, _ request: CallRequest, for standing: TaskStanding?
    ) async -> GateResult.Outcome {
        var request = request
        request.task = standing
        return await fixture.gate(approver: FakeApprover { _ in .denied(by: fixture.anna.id) }).call(
            request, in: registry
        )
        .outcome
    }

    @Test func aRunDoesWithoutAskingWhatItsOwnerSawItDo() async throws {
        let fixture = try await GateFixture(policy: Self.policy)
        let (task, standing) = try await task(
            fixture, permitting: fixture.request("post", ["text": "to https://hooks.example.com/a"]))
        #expect(
            await outcome(fixture, fixture.request("post", ["text": "now https://hooks.example.com/b"]), for: standing)
                == .done)
        let row = try #require(try await fixture.rows().last { $0.kind == "intent" })
        #expect(row.decision == "approved" && row.rule == "task \(task.id) for ask (policy line 3)")
        #expect(row.details?["approvedBy"] == .string(fixture.anna.id.rawValue))
    }

    @Test func anythingElseIsAsked() async throws {
        let fixture = try await GateFixture(policy: Self.policy)
        let seen = fixture.request("post", ["text": "to https://hooks.example.com/a"])
        let (task, standing) = try await task(fixture, permitting: seen)
        #expect(await outcome(fixture, seen, for: standing) == .done)
        // Another place, two places, none, another tool, nobody's task, another version of it.
        for text in ["https://evil.example.com", "https://hooks.example.com https://evil.example.com", "nowhere"] {
            #expect(
                await outcome(fixture, fixture.request("post", ["text": .string(text)]), for: standing) == .denied,
                "\(text)")
        }
        #expect(
            await outcome(fixture, fixture.request("mail", ["text": "https://hooks.example.com/a"]), for: standing)
                == .denied)
        #expect(await outcome(fixture, seen, for: nil) == .denied)
        let changed = TaskStanding(task: task.id, digest: "d2", ceiling: .member)
        #expect(await outcome(fixture, seen, for: changed) == .denied)
        let other = TaskStanding(task: TaskID(trusted: "other"), digest: "d1", ceiling: .member)
        #expect(await outcome(fixture, seen, for: other) == .denied)
        // A run that has seen more than the one that was looked at.
        _ = try await fixture.database.label(fixture.session.id, adding: .untrusted)
        #expect(await outcome(fixture, seen, for: standing) == .denied)
    }

    @Test func aCommandIsAllowedWordForWord() async throws {
        let fixture = try await GateFixture(policy: Self.policy)
        let (_, standing) = try await task(fixture, permitting: fixture.request("bash", ["command": "make report"]))
        #expect(await outcome(fixture, fixture.request("bash", ["command": "make report"]), for: standing) == .done)
        #expect(await outcome(fixture, fixture.request("bash", ["command": "make report "]), for: standing) == .denied)
    }

    @Test func whoeverMayNotAnswerAnyMoreHasAllowedNothing() async throws {
        let fixture = try await GateFixture(policy: Self.policy)
        let seen = fixture.request("post", ["text": "https://hooks.example.com"])
        let (_, standing) = try await task(fixture, permitting: seen, by: fixture.ben.id)
        // Ben is no requester: the question is anna's.
        #expect(await outcome(fixture, seen, for: standing) == .denied)
        let (_, own) = (standing, standing)
        _ = try await fixture.database.removePermits(of: own.task)
        #expect(await outcome(fixture, seen, for: own) == .denied)
    }

    @Test func aDenialStandsOverEveryPermit() async throws {
        let fixture = try await GateFixture(policy: Self.policy)
        let seen = fixture.request("post", ["text": "https://hooks.example.com"])
        let (_, standing) = try await task(fixture, permitting: seen)
        try fixture.setPolicy(Self.policy + "\ndeny:\n  - {name: no posts, tool: post, reason: not now}\n")
        #expect(await outcome(fixture, seen, for: standing) == .denied)
    }

    @Test func aRunNeverHasMoreThanItsOwnerHadWhenItWasMade() async throws {
        let fixture = try await GateFixture(
            policy: "version: 1\nrules:\n  - {name: members do, tool: post, role: member, decision: allow}")
        var request = fixture.request("post")
        request.task = TaskStanding(task: TaskID(trusted: "t"), digest: "d", ceiling: .guest)
        let gate = fixture.gate(approver: FakeApprover { _ in .denied(by: fixture.anna.id) })
        #expect(await gate.call(request, in: registry).outcome == .denied)
        request.task = TaskStanding(task: TaskID(trusted: "t"), digest: "d", ceiling: .owner)
        #expect(await gate.call(request, in: registry).outcome == .done)
    }
}
