import Audit
import Harness
import MCP
import Model
import Policy
import Store
import Synchronization
import Testing
import ToolServers

/// A tool that demands something of each call, and remembers what it was given.
private final class DemandingServer: ToolServer {
    typealias Demand = @Sendable (Int) async throws -> ToolDemand?

    let tools: [RegisteredTool]
    let met = Mutex<[ToolDemand?]>([])
    let asked = Mutex(0)
    private let demand: Demand

    init(
        _ effect: Effect = .write, name: String = "use", secretResult: Bool = false, secretArguments: Set<String> = [],
        _ demand: @escaping Demand
    ) {
        tools = [
            RegisteredTool(
                tool: Tool(
                    name: name,
                    inputSchema: [
                        "type": "object", "properties": ["value": ["type": "string"]], "additionalProperties": false,
                    ]), effect: effect, server: "fake", hasSecretResult: secretResult,
                secretArguments: secretArguments)
        ]
        self.demand = demand
    }

    func call(_ name: String, arguments: JSONObject, context: ToolContext) async throws -> CallToolResult {
        met.withLock { $0.append(context.demand) }
        return .text("the-very-value")
    }

    func demand(for name: String, arguments: JSONObject, context: ToolContext) async throws -> ToolDemand? {
        try await demand(
            asked.withLock {
                $0 += 1; return $0
            })
    }
}

private struct NotTold: Error, CustomStringConvertible { let description = "there is no such secret" }

/// What a tool demands beyond the policy: asked for where the policy allows, never less than it says, and again at the run.
@Suite struct DemandTests {
    private func run(
        _ server: DemandingServer, in fixture: GateFixture, mode: Mode = .auto, arguments: JSONObject = [:],
        answer: @escaping @Sendable (ApprovalRequest) -> ApprovalAnswer
    ) async throws -> (GateResult, [ApprovalRequest]) {
        let approver = FakeApprover { answer($0) }
        // The session's mode is the stored one.
        let request = fixture.request(server.tools[0].tool.name, arguments, mode: mode)
        let result = await fixture.gate(approver: approver).call(request, in: try ToolRegistry(servers: [server]))
        return (result, approver.asked.withLock { $0 })
    }

    @Test func anAllowanceBecomesAQuestionToWhomItNames() async throws {
        let fixture = try await GateFixture()
        let (anna, ben) = (fixture.anna.id, fixture.ben.id)
        let own = DemandingServer { _ in
            ToolDemand(rule: "use of secrets", word: .requester, reason: "it uses a secret", labels: .private)
        }
        let (result, asked) = try await run(own, in: fixture) { _ in .allowed(by: anna) }
        #expect(result.outcome == .done && asked.count == 1 && asked[0].reason == "it uses a secret")
        #expect(asked[0].approvers == .requester && asked[0].offer == nil)
        #expect(result.labels.contains(.private))
        #expect(own.met.withLock { $0 }.first??.word == .requester)

        let company = DemandingServer { _ in ToolDemand(rule: "use of secrets", word: .admin, reason: "the company's") }
        let (refused, _) = try await run(company, in: fixture) { _ in .allowed(by: anna) }
        #expect(refused.outcome == .denied && company.met.withLock { $0 }.isEmpty)
        let (allowed, second) = try await run(company, in: fixture) { _ in .allowed(by: ben) }
        #expect(allowed.outcome == .done && second[0].approvers == .admins)
    }

    @Test func withoutAWordOnlyTheLabelsCome() async throws {
        let fixture = try await GateFixture()
        let server = DemandingServer { _ in ToolDemand(rule: "use of secrets", word: nil, reason: "", labels: .private)
        }
        let (result, asked) = try await run(server, in: fixture) { _ in .expired }
        #expect(result.outcome == .done && asked.isEmpty && result.labels.contains(.private))
    }

    @Test func aDenialStaysOneAndNothingIsLookedUp() async throws {
        let fixture = try await GateFixture(policy: "version: 1\ndeny:\n  - {name: no, tool: use, reason: never}")
        let server = DemandingServer { _ in ToolDemand(rule: "use of secrets", word: nil, reason: "") }
        let (result, asked) = try await run(server, in: fixture) { _ in .expired }
        #expect(result.outcome == .denied && asked.isEmpty && server.asked.withLock { $0 } == 0)
    }

    @Test func aQuestionOfThePolicyIsNeverWeakened() async throws {
        let fixture = try await GateFixture(
            policy: "version: 1\nrules:\n  - {name: careful, tool: use, decision: ask, approvers: secondPerson}")
        let ben = fixture.ben.id
        let server = DemandingServer { _ in
            ToolDemand(rule: "use of secrets", word: .requester, reason: "it uses a secret")
        }
        let (result, asked) = try await run(server, in: fixture) { _ in .allowed(by: ben) }
        #expect(result.outcome == .done && asked.first?.approvers == .secondPerson)
        #expect(asked.first?.reason.contains("it uses a secret") == true)
        // Two others who would both have to agree: nobody can.
        let admin = DemandingServer { _ in ToolDemand(rule: "use of secrets", word: .admin, reason: "the company's") }
        let (none, noQuestion) = try await run(admin, in: fixture) { _ in .allowed(by: ben) }
        #expect(none.outcome == .denied && noQuestion.isEmpty)
    }

    @Test func whatCannotBeToldIsDenied() async throws {
        let fixture = try await GateFixture()
        let server = DemandingServer { _ in throw NotTold() }
        let (result, asked) = try await run(server, in: fixture) { _ in .expired }
        #expect(result.outcome == .denied && asked.isEmpty && server.met.withLock { $0 }.isEmpty)
        #expect(result.result.text.contains("there is no such secret"))
    }

    @Test func itIsAskedAgainAtTheRun() async throws {
        let fixture = try await GateFixture()
        let anna = fixture.anna.id
        // Granted when it was asked about, not any more when the answer comes.
        let server = DemandingServer { time in
            ToolDemand(rule: "use of secrets", word: time == 1 ? .requester : .admin, reason: "it uses a secret")
        }
        let (result, _) = try await run(server, in: fixture) { _ in .allowed(by: anna) }
        #expect(result.outcome == .denied && server.met.withLock { $0 }.isEmpty)
        let gone = DemandingServer { time in
            if time > 1 { throw NotTold() }
            return ToolDemand(rule: "use of secrets", word: .requester, reason: "it uses a secret")
        }
        let (second, _) = try await run(gone, in: fixture) { _ in .allowed(by: anna) }
        #expect(second.outcome == .denied && gone.met.withLock { $0 }.isEmpty)
    }

    @Test func inAnothersNameThePersonIsAskedAllTheSame() async throws {
        let fixture = try await GateFixture()
        let (anna, ben) = (fixture.anna.id, fixture.ben.id)
        let server = DemandingServer { _ in ToolDemand(rule: "use of secrets", word: nil, reason: "it sends a secret") }
        for (answerer, outcome) in [(ben, GateResult.Outcome.denied), (anna, .done)] {
            let approver = FakeApprover { _ in .allowed(by: answerer) }
            var request = fixture.request("use")
            request.onBehalfBy = ben
            let result = await fixture.gate(approver: approver).call(request, in: try ToolRegistry(servers: [server]))
            #expect(result.outcome == outcome && approver.asked.withLock { $0.count } == 1)
        }
    }

    @Test func unattendedNobodyIsAsked() async throws {
        let fixture = try await GateFixture()
        let server = DemandingServer { _ in
            ToolDemand(rule: "use of secrets", word: .requester, reason: "it uses a secret")
        }
        try await fixture.database.setMode(.bypassPermissions, of: fixture.session.conversation)
        let (result, asked) = try await run(server, in: fixture, mode: .bypassPermissions) { _ in .expired }
        #expect(result.outcome == .denied && asked.isEmpty)
        #expect(result.result.text.contains("Unattended"))
    }

    @Test func aSecretResultIsForTheAgentAlone() async throws {
        let fixture = try await GateFixture()
        let server = DemandingServer(.read, secretResult: true) { _ in nil }
        let (result, _) = try await run(server, in: fixture) { _ in .expired }
        #expect(result.result.text == "the-very-value")
        #expect(!result.shown.text.contains("the-very-value"))
        let outcome = try #require(try await fixture.rows().last)
        #expect(outcome.kind == "outcome" && outcome.resultDigest == nil)
    }

    @Test func aSecretArgumentIsKeptNowhereAndAskedAboutNever() async throws {
        let fixture = try await GateFixture()
        let put = DemandingServer(name: "keep_this", secretArguments: ["value"]) { _ in nil }
        let (result, _) = try await run(put, in: fixture, arguments: ["value": "plain-words-only"]) { _ in .expired }
        #expect(result.outcome == .done)
        for row in try await fixture.rows() { #expect(!"\(row)".contains("plain-words-only")) }
        try fixture.setPolicy("version: 1\nrules:\n  - {name: careful, tool: keep_this, decision: ask}")
        let anna = fixture.anna.id
        let (asked, questions) = try await run(put, in: fixture, arguments: ["value": "plain-words-only"]) { _ in
            .allowed(by: anna)
        }
        #expect(asked.outcome == .denied && questions.isEmpty && asked.result.text.contains("bulkhead secret set"))
        // It is the registration that says so, not the arguments' name.
        let other = DemandingServer(name: "keep_other") { _ in nil }
        let (kept, _) = try await run(other, in: fixture, arguments: ["value": "plain-words-only"]) { _ in .expired }
        #expect(kept.outcome == .done)
        #expect(try await fixture.rows().contains { "\($0)".contains("plain-words-only") })
    }

    /// Where the vault is not there its tools are none, and what an agent says to them all the same is not kept.
    @Test func whatIsSaidToASecretsToolThatIsNotThereIsNotKept() async throws {
        let fixture = try await GateFixture()
        let request = fixture.request("secret_put", ["name": "n", "value": "plain-words-only"])
        let result = await fixture.gate().call(request, in: try ToolRegistry(servers: []))
        #expect(result.outcome == .denied)
        let row = try #require(try await fixture.rows().last)
        #expect(row.tool == "secret_put" && row.arguments?["name"] == "n" && !"\(row)".contains("plain-words-only"))
    }

    @Test func theQuestionStandsUnderWhatTheToolCallsIt() async throws {
        let fixture = try await GateFixture()
        let ben = fixture.ben.id
        let server = DemandingServer { _ in ToolDemand(rule: "use of the network", word: .admin, reason: "it opens x") }
        let (result, asked) = try await run(server, in: fixture) { _ in .allowed(by: ben) }
        #expect(result.outcome == .done && asked.first?.rule.name == "use of the network")
        #expect(try await fixture.rows().contains { $0.rule?.contains("use of the network") == true })
        let joined = ToolDemand(rule: "use of secrets", word: nil, reason: "a")
            .joined(with: ToolDemand(rule: "use of the network", word: .admin, reason: "b"))
        #expect(joined.rule == "use of secrets, use of the network" && joined.word == .admin)
    }
}
