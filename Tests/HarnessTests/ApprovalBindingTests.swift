import Audit
import Harness
import MCP
import Model
import Policy
import Store
import Synchronization
import Testing
import ToolServers

/// A world that changes while people think: whatever changed, what they agreed to does not run as something else.
@Suite struct ApprovalBindingTests {
    /// A tool whose call works on a file and a folder, and notes what it found when it ran.
    private final class World: ToolServer {
        struct State: Hashable {
            var file = "good"
            var folder = "/workspace/thread"
            var isReachable = true
        }

        let state = Mutex(State())
        let ran = Mutex<[(arguments: JSONObject, shown: Evidence?, now: Evidence)]>([])
        let tools: [RegisteredTool]

        init(description: String = "") {
            tools = [
                RegisteredTool(
                    tool: Tool(
                        name: "run", description: description,
                        inputSchema: ["type": "object", "properties": ["text": ["type": "string"]]]),
                    effect: .external, server: "world")
            ]
        }

        func look() throws -> Evidence {
            let state = state.withLock { $0 }
            guard state.isReachable else { throw StoreError(.failed, "the world cannot be seen") }
            return Evidence(
                directory: state.folder,
                files: [Evidence.File(path: "/workspace/thread/f", digest: state.file, bytes: Int64(state.file.count))])
        }

        func evidence(for name: String, arguments: JSONObject, like earlier: Evidence?) async throws -> Evidence? {
            try look()
        }

        func call(_ name: String, arguments: JSONObject, context: ToolContext) async throws -> CallToolResult {
            let now = try look()
            ran.withLock { $0.append((arguments, context.evidence, now)) }
            return .text("ran")
        }
    }

    private enum Change: CaseIterable, Hashable {
        case file, folder, unreachable, denied, otherApprovers, readOnly, labels, guest, requesterGone, sessionOver,
            nothing

        /// Whether what was agreed to may run all the same: as it was agreed to.
        var mayRun: Bool { self == .nothing || self == .labels }
    }

    private func make(_ change: Change, _ fixture: GateFixture, _ world: World) async throws {
        switch change {
        case .file: world.state.withLock { $0.file = "evil" }
        case .folder: world.state.withLock { $0.folder = "/workspace/user" }
        case .unreachable: world.state.withLock { $0.isReachable = false }
        case .denied: try fixture.setPolicy("version: 1\ndeny:\n  - {name: no, tool: run}")
        case .otherApprovers:
            try fixture.setPolicy("version: 1\nrules:\n  - {name: a, tool: run, decision: ask, approvers: admins}")
        case .readOnly: try await fixture.database.setMode(.readOnly, of: fixture.session.conversation)
        case .labels: _ = try await fixture.database.label(fixture.session.id, adding: [.untrusted, .private])
        case .guest: try await fixture.database.admit(fixture.anna.id, as: .guest)
        case .requesterGone: try await fixture.database.deactivate(fixture.anna.id)
        case .sessionOver: try await fixture.database.endSession(fixture.session.id, reason: "idle")
        case .nothing: break
        }
    }

    @Test func whateverChangesNothingElseRunsThanWhatWasShown() async throws {
        // Each alone, then each pair.
        var rounds = Change.allCases.map { [$0] }
        for first in Change.allCases { rounds += Change.allCases.filter { $0 != first }.map { [first, $0] } }
        for changes in rounds {
            let world = World()
            let fixture = try await GateFixture(policy: Policy.standardText)
            let approver = FakeApprover { _ in
                for change in changes { try await make(change, fixture, world) }
                return .allowed(by: fixture.anna.id)
            }
            let request = fixture.request("run", ["text": "hello"])
            let answer = await fixture.gate(approver: approver).call(
                request, in: try ToolRegistry(servers: [world]))
            let asked = try #require(approver.asked.withLock { $0.first })
            let ran = world.ran.withLock { $0 }
            #expect(ran.isEmpty == !changes.allSatisfy(\.mayRun), "\(changes): \(answer.result.text)")
            #expect((answer.outcome == .done) == !ran.isEmpty)
            for run in ran {
                #expect(run.arguments == asked.arguments && run.shown == asked.evidence)
                #expect(run.now.files == asked.evidence.files && run.now.directory == asked.evidence.directory)
            }
            // The chain of questions and answers has no gap.
            #expect(try await fixture.rows().map(\.kind).prefix(2) == ["event", "intent"])
        }
    }

    @Test func whatCannotBeSeenIsNotAskedAbout() async throws {
        let world = World()
        world.state.withLock { $0.isReachable = false }
        let fixture = try await GateFixture()
        let approver = FakeApprover { _ in .allowed(by: fixture.anna.id) }
        let answer = await fixture.gate(approver: approver).call(
            fixture.request("run"), in: try ToolRegistry(servers: [world]))
        #expect(answer.outcome == .denied && answer.result.text.contains("the world cannot be seen"))
        #expect(approver.asked.withLock { $0.isEmpty } && world.ran.withLock { $0.isEmpty })
        #expect(try await fixture.rows().map(\.decision) == ["refused"])
    }

    /// An answer that outlives the process is for the tool as it was described then.
    @Test func anotherDescriptionOrSchemaIsAnotherTool() async throws {
        let fixture = try await GateFixture()
        let approver = FakeApprover { _ in .expired }
        for world in [World(), World(description: "now with teeth")] {
            _ = await fixture.gate(approver: approver).call(
                fixture.request("run"), in: try ToolRegistry(servers: [world]))
        }
        let asked = approver.asked.withLock { $0.map(\.evidence) }
        #expect(asked[0].tool != asked[1].tool)
        #expect(asked[1].difference(from: asked[0]) == "the tool itself")
    }

    @Test func evidenceSurvivesBeingStored() throws {
        let evidence = Evidence(
            tool: "t", directory: "/d",
            files: [.init(path: "/d/a", digest: nil, bytes: 0), .init(path: "b", digest: "x", bytes: 9)],
            unbound: [.init(path: "*.csv", why: "pattern")], details: "-a\n+b")
        #expect(Evidence(json: try JSONValue(parsing: evidence.json.serialized())) == evidence)
        #expect(Evidence(json: ["directory": "/d"]) == nil && Evidence(json: ["files": [["path": 1]]]) == nil)
    }
}
