import Hardening
import Policy
import Testing

/// What a policy became is said by what it answers, not by its text.
@Suite struct PolicyMatrixTests {
    private func answers(_ rules: String, deny: String = "[]", more: String = "") throws -> [String: String] {
        let text = "version: 1\n\(more)\ndeny: \(deny)\nrules:\n\(rules.isEmpty ? "  []" : rules)\n"
        return PolicyMatrix.answers(try Policy(yaml: text, file: "policy"))
    }

    private let external = "any other tool that is external, member"

    @Test func theSamePolicyIsNeitherLooserNorStricter() throws {
        let same = PolicyMatrix.compare(try answers(""), try answers("", more: "# a remark"))
        #expect(same.looser.isEmpty && same.stricter == 0 && same.new == 0)
    }

    @Test func aRuleThatAllowsWhatWasAskedIsNamedWithItsCircumstance() throws {
        let rule = "  - {name: quick, effect: external, decision: allow}"
        let result = PolicyMatrix.compare(try answers(""), try answers(rule))
        let found = try #require(result.looser.first { $0.question == external })
        #expect(found.fact.contains("Standard, in a room: was asked of the requester, is allowed"), "\(found)")
        // The other way round nothing is looser.
        let back = PolicyMatrix.compare(try answers(rule), try answers(""))
        #expect(back.looser.isEmpty && back.stricter > 0)
    }

    @Test func aSecondPersonTakenAwayIsLooser() throws {
        let second = "  - {name: two, effect: external, decision: ask, approvers: secondPerson}"
        let alone = "  - {name: two, effect: external, decision: ask}"
        let result = PolicyMatrix.compare(try answers(second), try answers(alone))
        let found = try #require(result.looser.first { $0.question == external })
        #expect(found.fact.contains("was asked of somebody else, is asked of the requester"), "\(found)")
    }

    @Test func aDenialTakenAwayAnEffectDeclaredSmallerAndATrustedSourceAreLooser() throws {
        let deny = "\n  - {name: no, role: guest, effect: external}"
        let freed = PolicyMatrix.compare(try answers("", deny: deny), try answers(""))
        #expect(freed.looser.contains { $0.question == "any other tool that is external, guest" })
        let small = PolicyMatrix.compare(
            try answers(""), try answers("", more: "tools: [{tool: another_tool, effect: read}]"))
        #expect(small.looser.contains { $0.question == external })
        let trusted = PolicyMatrix.compare(try answers(""), try answers("", more: "sources: {uploads: trusted}"))
        let source = try #require(trusted.looser.first { $0.question == "a message with files, member" })
        #expect(source.fact == "was outside content, is trusted", "\(source)")
    }

    @Test func aQuestionWithoutAnEarlierAnswerIsNewAndNotLooser() throws {
        var before = try answers("")
        before["any other tool that is external, member"] = nil
        #expect(PolicyMatrix.compare(before, try answers("")).new == 1)
    }
}
