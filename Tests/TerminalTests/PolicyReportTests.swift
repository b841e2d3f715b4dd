import MCP
import Model
import Policy
import Settings
import Testing

@testable import Terminal

@Suite struct PolicyReportTests {
    private let policy: Policy

    init() throws {
        policy = try Policy(
            yaml: """
                version: 1
                rules:
                  - name: pay
                    tool: pay
                    arguments: [{at: /amount, to: 100}]
                    decision: ask
                    approvers: secondPerson
                    expires: 2h
                """, file: "p")
    }

    private func explain(_ change: (inout ExplainedCall) -> Void, people: PeopleSettings? = nil) throws -> JSONObject {
        var call = ExplainedCall(
            tool: "pay", arguments: #"{"amount": 5}"#, user: "anna", role: nil, channel: "", mode: .auto, labels: [],
            effect: nil, time: Timestamp(milliseconds: 0))
        change(&call)
        let question = try call.question(policy, people: people)
        return PolicyReport.json(policy.evaluate(question), question)
    }

    @Test func saysRuleLineAndApprovers() throws {
        let answer = try explain { _ in }
        #expect(answer["decision"] == "ask" && answer["rule"] == "pay" && answer["line"] == 3)
        #expect(answer["approvers"] == "secondPerson" && answer["expires_seconds"] == 7200)
        // An unknown tool is taken for one that others feel.
        let other = try explain { $0.arguments = #"{"amount": 500}"# }
        #expect(other["decision"] == "ask" && other["rule"] == "Standard mode" && other["line"] == .null)
        #expect(other["effect"] == "external")
        let bash = try explain { $0.tool = "bash" }
        #expect(bash["decision"] == "allow" && bash["approvers"] == .null)
    }

    @Test func namesWhoAnswersAndWarnsOfStrangers() throws {
        let policy = try Policy(
            yaml: """
                version: 1
                groups: {finance: [Root, zoe]}
                rules:
                  - name: pay
                    tool: pay
                    decision: ask
                    approvers: [group:finance, nobody-of-that-name]
                """, file: "p")
        let question = PolicyQuestion(
            tool: "pay", effect: .read, mode: .auto, role: .member, requester: PersonID(trusted: "anna"),
            requesterName: "anna", channel: ChannelID(trusted: "c"))
        let answer = PolicyReport.json(policy.evaluate(question), question)
        #expect(
            answer["answered_by"] == "one of nobody-of-that-name, root, zoe, not the one it is done for")
        let warnings = PolicyReport.unknownApprovers(in: policy, Settings().people)
        #expect(warnings.count == 2)
        #expect(warnings.allSatisfy { $0.hasPrefix("pay (policy line 4) names ") })
        #expect(warnings.contains { $0.contains("zoe") } && !warnings.contains { $0.contains("names root") })
    }

    @Test func rolesComeFromTheConfiguration() throws {
        #expect(try explain({ $0.user = "root" }, people: Settings().people)["role"] == "owner")
        #expect(try explain({ $0.role = .guest }, people: Settings().people)["role"] == "guest")
        #expect(throws: TerminalError.self) { try explain({ _ in }, people: Settings().people) }
    }

    @Test func argumentsAreAnObject() {
        for text in ["", "[]", "{", #"{"a":1,"a":2}"#] {
            #expect(throws: TerminalError.self) { try explain { $0.arguments = text } }
        }
    }
}
