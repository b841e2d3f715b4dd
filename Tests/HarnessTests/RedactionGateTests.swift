import Audit
import Harness
import MCP
import Model
import Policy
import Store
import Synchronization
import Testing

/// The record of a call without its secrets; the call itself with them.
@Suite struct RedactionGateTests {
    private struct Broken: CallRedactor {
        struct Failure: Error {}
        func redacted(
            _ arguments: JSONObject, of tool: String, secret: Set<String>, for requester: PersonID?
        ) throws -> (arguments: JSONObject, hasChanged: Bool) {
            throw Failure()
        }
        func redacted(_ text: String, for requester: PersonID?) -> String { text }
        func digest(of arguments: JSONObject) -> String { "" }
    }

    private static let secret = "AKIA" + "QRSTUVWXYZABCDEF"

    @Test func noRowHoldsTheSecretAndTheToolAndApproverDo() async throws {
        let fixture = try await GateFixture(
            policy: """
                version: 1
                rules:
                  - {name: no, tool: deny_me, decision: deny}
                  - {name: yes, tool: write, decision: ask}
                """)
        let server = FakeServer([
            ("write", .write, { arguments in .failure("cannot use \(arguments["text"]?.stringValue ?? "")") }),
            ("deny_me", .write, { _ in .text("x") }),
        ])
        let registry = try ToolRegistry(servers: [server])
        let approver = FakeApprover { [anna = fixture.anna.id] _ in .allowed(by: anna) }
        let text = "key=\(Self.secret) for s3"
        let result = await fixture.gate(approver: approver)
            .call(fixture.request("write", ["text": .string(text)]), in: registry)
        #expect(result.result.text == "cannot use key=[AWS access key withheld] for s3")
        #expect(approver.asked.withLock { $0.first?.arguments } == ["text": .string(text)])
        _ = await fixture.gate().call(fixture.request("deny_me", ["text": .string(text)]), in: registry)
        _ = await fixture.gate().call(fixture.request("nope", ["text": .string(text)]), in: registry)
        let rows = try await fixture.rows()
        #expect(rows.count == 5)
        for row in rows { #expect(row.details.map { !$0.text.contains(Self.secret) } ?? true, "\(row)") }
        let stands = rows.compactMap { $0.arguments?["text"]?["redacted"]?.stringValue }
        #expect(stands.count == 4 && stands.allSatisfy { $0.hasPrefix("hmac-sha256:") && $0.utf8.count == 76 })
        // What is not known cannot be decided anew.
        let replay = try await fixture.audit.replay(
            try Policy(yaml: "version: 1\nrules: [{name: all, tool: '*', decision: deny}]", file: "p"),
            since: Timestamp(milliseconds: 0))
        #expect(replay.calls == 0 && replay.unknown == 2)
    }

    @Test func whatCannotBeRedactedDoesNotRun() async throws {
        let fixture = try await GateFixture()
        let server = FakeServer([("write", .write, { _ in .text("x") })])
        let gate = Gate(
            policy: fixture.policy, audit: fixture.audit, approver: FakeApprover(), standing: fixture.database,
            pauses: fixture.pauses, keeper: FakeKeeper(), redactor: Broken())
        let result = await gate.call(fixture.request("write", ["text": "a"]), in: try ToolRegistry(servers: [server]))
        #expect(result.outcome == .denied && result.result.text.contains("could not be recorded"))
        #expect(server.ran.withLock { $0.isEmpty })
    }

    @Test func longArgumentsAreCutAfterTheirSecretsAreGone() async throws {
        let fixture = try await GateFixture()
        let registry = try ToolRegistry(servers: [FakeServer([("write", .write, { _ in .text("x") })])])
        let long = String(repeating: "x ", count: 50_000)
        _ = await fixture.gate().call(
            fixture.request("write", ["command": .string(Self.secret), "text": .string(long)]), in: registry)
        let beginning = try #require(try await fixture.rows().first?.arguments?["beginning"]?.stringValue)
        #expect(beginning.contains("hmac-sha256:") && !beginning.contains(Self.secret))
    }
}
