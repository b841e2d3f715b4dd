import Audit
import Harness
import MCP
import Model
import Store
import Synchronization
import Testing
import ToolServers

/// What looking at a call's evidence carries into the session counts at the answer too.
@Suite struct LabelAtAnswerTests {
    private struct Looking: ToolServer {
        let tools = [
            RegisteredTool(tool: Tool(name: "post", inputSchema: ["type": "object"]), effect: .external, server: "a")
        ]
        let look: @Sendable () async throws -> Void

        func evidence(for name: String, arguments: JSONObject, like earlier: Evidence?) async throws -> Evidence? {
            // The second look, after the answer.
            if earlier != nil { try await look() }
            return nil
        }

        func call(_ name: String, arguments: JSONObject, context: ToolContext) async throws -> CallToolResult {
            .text("posted")
        }
    }

    @Test(arguments: [false, true]) func whatTheLastLookLabelsIsDecidedOn(labels: Bool) async throws {
        let fixture = try await GateFixture(
            policy: "version: 1\nruleOfTwo: deny\nrules:\n  - {name: ask, tool: post, decision: ask}")
        let server = Looking {
            if labels { _ = try await fixture.database.label(fixture.session.id, adding: .private) }
        }
        let approver = FakeApprover { _ in .allowed(by: fixture.anna.id) }
        let result = await fixture.gate(approver: approver).call(
            fixture.request("post", labels: .untrusted), in: try ToolRegistry(servers: [server]))
        #expect(approver.asked.withLock { $0.count } == 1)
        #expect(result.outcome == (labels ? .denied : .done), "\(result.result.text)")
    }
}
