import Model
import Policy
import Testing

@Suite struct StrictnessTests {
    private func policy(_ more: String) throws -> Policy {
        try Policy(
            yaml: "version: 1\n\(more)\nrules:\n  - {name: posts, effect: external, decision: allow}",
            file: "policy.yaml")
    }

    @Test func theRuleOfTwoCanDenyWhereOthersWouldBeAsked() throws {
        let strict = try policy("ruleOfTwo: deny")
        for mode in Mode.allCases {
            #expect(strict.evaluate(question(.external, mode, labels: [.untrusted, .private])).word == "deny")
        }
        let plain = try Policy(yaml: "version: 1\nruleOfTwo: deny", file: "p")
        #expect(plain.evaluate(question(.external, .auto, labels: [.untrusted, .private])).word == "deny")
        #expect(plain.evaluate(question(.external, .auto, labels: .untrusted)).word == "ask")
        #expect(try policy("").evaluate(question(.external, .auto, labels: [.untrusted, .private])).word == "ask")
    }

    @Test func outsideContentCanAskWhereARuleAllows() throws {
        let strict = try policy("untrusted: ask")
        #expect(strict.evaluate(question(.external, .auto, labels: .untrusted)).word == "ask")
        #expect(strict.evaluate(question(.external, .bypassPermissions, labels: .untrusted)).word == "deny")
        #expect(strict.evaluate(question(.external, .auto, labels: .private)).word == "allow")
        #expect(strict.evaluate(question(.write, .auto, labels: .untrusted)).word == "allow")
        #expect(
            try policy("untrusted: asRules").evaluate(question(.external, .auto, labels: .untrusted)).word == "allow")
    }

    @Test func sourcesAreOutsideUnlessTheFileSaysOtherwise() throws {
        let plain = try policy("").sources
        #expect(plain.labels(ofMessageBy: .member, hasFiles: false) == [])
        #expect(plain.labels(ofMessageBy: .member, hasFiles: true) == .untrusted)
        #expect(plain.labels(ofMessageBy: .guest, hasFiles: false) == .untrusted)
        // Nobody known is no better than a guest.
        #expect(plain.labels(ofMessageBy: nil, hasFiles: false) == .untrusted)
        let files = try policy("sources: {uploads: trusted}").sources
        #expect(files.labels(ofMessageBy: .owner, hasFiles: true) == [])
        #expect(files.labels(ofMessageBy: .guest, hasFiles: true) == .untrusted)
        let guests = try policy("sources: {guests: trusted}").sources
        #expect(guests.labels(ofMessageBy: .guest, hasFiles: false) == [])
    }

    @Test(arguments: [
        ("sources: {uploads: maybe}", "policy.yaml:2: uploads cannot be \"maybe\"; allowed are untrusted, trusted"),
        ("sources: {mail: untrusted}", "policy.yaml:2: unknown key \"mail\" in sources; allowed are uploads, guests"),
        ("ruleOfTwo: allow", "policy.yaml:2: ruleOfTwo cannot be \"allow\"; allowed are ask, deny"),
        ("untrusted: allow", "policy.yaml:2: untrusted cannot be \"allow\"; allowed are ask, asRules"),
        ("sources: all", "policy.yaml:2: sources has to be a mapping (key: value)"),
    ])
    func whatIsNotUnderstoodIsAnError(text: String, message: String) {
        let error = #expect(throws: PolicyError.self) { try policy(text) }
        #expect(error?.description == message)
    }
}
