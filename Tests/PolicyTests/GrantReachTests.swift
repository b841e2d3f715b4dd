import MCP
import Model
import Policy
import Testing

/// How far a yes may reach, by the rule that asks.
@Suite struct GrantReachTests {
    private func reach(_ policy: String, _ change: (inout PolicyQuestion) -> Void = { _ in }) throws -> GrantScope? {
        var question = PolicyQuestion(
            tool: "x", effect: .external, mode: .auto, role: .member, requester: PersonID(trusted: "p"),
            requesterName: "anna", channel: ChannelID(trusted: "c"))
        change(&question)
        let decision = try Policy(yaml: policy, file: "p").evaluate(question)
        #expect(decision.word == "ask")
        return decision.rule.grants
    }

    @Test(
        arguments: [
            ("", GrantScope.channel), ("grants: channel", .channel), ("grants: conversation", .conversation),
            ("grants: none", nil), ("approvers: admins", .channel), ("approvers: secondPerson", nil),
            ("approvers: secondPerson, grants: conversation", .conversation),
        ] as [(String, GrantScope?)])
    func aRuleSaysIt(_ keys: String, _ expected: GrantScope?) throws {
        let rule = "version: 1\nrules:\n  - {name: a, tool: x, decision: ask\(keys.isEmpty ? "" : ", " + keys)}"
        #expect(try reach(rule) == expected)
    }

    @Test func aModeSaysItByTheEffect() throws {
        #expect(try reach("version: 1") == .channel)
        #expect(try reach("version: 1") { $0.effect = .destructive } == .conversation)
        #expect(
            try reach("version: 1") {
                $0.effect = .write
                $0.mode = .acceptEdits
                $0.runsCommands = true
            } == .conversation)
    }

    @Test func theRuleOfTwoIsAskedEachTime() throws {
        let allowed = "version: 1\nrules:\n  - {name: a, tool: x, decision: allow}"
        #expect(try reach(allowed) { $0.labels = [.untrusted, .private] } == nil)
    }
}
