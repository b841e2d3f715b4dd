import MCP
import Model
import Policy
import Testing

extension Decision {
    /// How much it lets through.
    var width: Int {
        switch self {
        case .allow: 2
        case .ask: 1
        case .deny: 0
        }
    }
}

func question(
    _ tool: String, _ effect: Effect, _ mode: Mode, commands: Bool = false, role: Role = .member,
    labels: Labels = [], arguments: JSONObject = [:]
) -> PolicyQuestion {
    PolicyQuestion(
        tool: tool, arguments: arguments, effect: effect, runsCommands: commands, mode: mode, role: role,
        requester: PersonID(trusted: "p1"), requesterName: "anna", channel: ChannelID(trusted: "c1"), labels: labels)
}

func question(_ effect: Effect, _ mode: Mode, labels: Labels = []) -> PolicyQuestion {
    question("tool", effect, mode, labels: labels)
}

@Suite struct PolicyEvaluationTests {
    let empty: Policy

    init() throws {
        empty = try Policy(yaml: "version: 1", file: "p")
    }

    @Test(arguments: [
        (Mode.auto, ["allow", "allow", "ask", "ask"], "allow"),
        (.acceptEdits, ["allow", "allow", "ask", "ask"], "ask"),
        (.readOnly, ["allow", "deny", "deny", "deny"], "deny"),
        (.bypassPermissions, ["allow", "allow", "allow", "allow"], "allow"),
    ])
    func modesAreExactlyAsPeopleAreTold(mode: Mode, expected: [String], bash: String) {
        let effects: [Effect] = [.read, .write, .destructive, .external]
        #expect(effects.map { empty.evaluate(question($0, mode)).word } == expected)
        #expect(empty.evaluate(question("bash", .write, mode, commands: true)).word == bash)
    }

    @Test func theRuleOfTwoHoldsInEveryModeAndOverEveryGrant() throws {
        let generous = try Policy(
            yaml: """
                version: 1
                rules:
                  - name: all
                    tool: "*"
                    mode: [auto, acceptEdits, readOnly, bypassPermissions]
                    decision: allow
                """, file: "p")
        for policy in [empty, generous] {
            for mode in Mode.allCases {
                let decision = policy.evaluate(question(.external, mode, labels: [.untrusted, .private]))
                #expect(decision.width <= 1)
                if mode == .bypassPermissions { #expect(decision.word == "deny") }
            }
        }
        #expect(generous.evaluate(question(.external, .auto, labels: .private)).word == "allow")
        #expect(generous.evaluate(question(.write, .auto, labels: [.untrusted, .private])).word == "allow")
    }

    @Test func denialsComeBeforeGrantsAndTheFirstRuleWins() throws {
        let policy = try Policy(
            yaml: """
                version: 1
                deny:
                  - name: never
                    tool: [drop_*, wipe]
                    reason: too dangerous
                rules:
                  - name: annas
                    requester: [ben, Anna]
                    tool: post
                    decision: ask
                    approvers: admins
                    expires: 2h
                    reason: it costs
                  - name: posts
                    effect: external
                    decision: allow
                  - name: drops
                    tool: drop_table
                    decision: allow
                """, file: "p")
        #expect(
            policy.evaluate(question("drop_table", .write, .bypassPermissions))
                == .deny(reason: "too dangerous", rule: Rule(name: "never", line: 3)))
        #expect(
            policy.evaluate(question("post", .external, .auto))
                == .ask(
                    .admins, expires: .seconds(7200), reason: "it costs",
                    rule: Rule(name: "annas", line: 7, grants: .channel)))
        #expect(policy.evaluate(question("mail", .external, .auto)).word == "allow")
        #expect(policy.evaluate(question("post", .external, .bypassPermissions)).word == "deny")
        #expect(policy.evaluate(question("post", .external, .auto)).rule.text == "annas (policy line 7)")
    }

    @Test func aGrantWithoutAModeDoesNotLoosenATightenedConversation() throws {
        let policy = try Policy(
            yaml: """
                version: 1
                rules:
                  - {name: everything, tool: "*", decision: allow}
                """, file: "p")
        #expect(policy.evaluate(question("bash", .write, .auto, commands: true)).word == "allow")
        #expect(policy.evaluate(question("bash", .write, .acceptEdits, commands: true)).word == "ask")
        #expect(policy.evaluate(question("write_file", .write, .readOnly)).word == "deny")
    }

    @Test func theStandardPolicyLetsPeopleWork() throws {
        let policy = try Policy(yaml: Policy.standardText, file: "policy.yaml")
        for mode in Mode.allCases { #expect(policy.evaluate(question("reply", .write, mode)).word == "allow") }
        #expect(policy.evaluate(question("publish_file", .external, .auto)).word == "allow")
        #expect(policy.evaluate(question("publish_file", .external, .readOnly)).word == "deny")
        #expect(policy.evaluate(question("bash", .write, .auto, commands: true)).word == "allow")
        #expect(policy.evaluate(question("mail", .external, .bypassPermissions, role: .guest)).word == "deny")
    }

    /// Whatever the file says: what no rule decides is never wider than the mode's own table, and one more hard denial
    /// never widens anything.
    @Test func randomPolicies() throws {
        var generator = SystemRandomNumberGenerator()
        func pick<T>(_ items: [T]) -> T { items[Int.random(in: 0..<items.count, using: &generator)] }
        let tools = ["bash", "post", "web_*", "*", "?ost"]
        func condition() -> String {
            pick([
                "tool: '\(pick(tools))'", "effect: \(pick(Effect.allCases).rawValue)",
                "tool: '\(pick(tools))'\n    mode: \(pick(Mode.allCases).rawValue)",
                "effect: [\(pick(Effect.allCases).rawValue)]\n    role: \(pick(Role.allCases).rawValue)",
                "tool: '\(pick(tools))'\n    requester: \(pick(["anna", "ben", "p1"]))",
            ])
        }
        for _ in 0..<300 {
            let rules = (0..<Int.random(in: 0...4)).map {
                "  - name: r\($0)\n    \(condition())\n    decision: \(pick(["allow", "ask", "deny"]))\n"
            }
            let denials = (0..<Int.random(in: 0...2)).map { "  - name: d\($0)\n    \(condition())\n" }
            let extra = "  - name: extra\n    \(condition())\n"
            func yaml(_ denials: [String]) -> String {
                "version: 1\n" + (denials.isEmpty ? "" : "deny:\n" + denials.joined())
                    + (rules.isEmpty ? "" : "rules:\n" + rules.joined())
            }
            let policy = try Policy(yaml: yaml(denials), file: "p")
            let stricter = try Policy(yaml: yaml(denials + [extra]), file: "p")
            for _ in 0..<60 {
                let labels = Labels(rawValue: Int.random(in: 0...3))
                let asked = question(
                    pick(["bash", "post", "web_x", "new"]), pick(Effect.allCases), pick(Mode.allCases),
                    commands: pick([true, false]), role: pick(Role.allCases), labels: labels)
                let decision = policy.evaluate(asked)
                #expect(stricter.evaluate(asked).width <= decision.width)
                if decision.rule.name == asked.mode.title + " mode" {
                    #expect(decision.width <= empty.evaluate(asked).width)
                }
                if asked.mode == .bypassPermissions { #expect(decision.word != "ask") }
                if asked.effect == .external, labels == [.untrusted, .private] { #expect(decision.word != "allow") }
            }
        }
    }
}
