import Foundation
import MCP
import Policy
import Testing

/// What is not kept of a call's arguments.
@Suite struct RedactionTests {
    private func redacted(_ rules: String, _ json: String, tool: String = "crm_add") throws -> String {
        let policy = try Policy(yaml: "version: 1\nredact:\(rules)", file: "policy.yaml")
        let arguments = try #require(try JSONValue(parsing: json).objectValue)
        return JSONValue.object(try policy.redaction.applied(to: arguments, of: tool) { _ in "-" }.arguments).text
    }

    @Test func whatIsForTheToolAloneIsNotKeptWhateverTheRulesSay() throws {
        let policy = try Policy(yaml: "version: 1", file: "policy.yaml")
        let (kept, hasChanged) = try policy.redaction.applied(
            to: ["value": "harmless", "name": "n", "deep": ["value": "x"]], of: "t", secret: ["value"]
        ) { _ in "-" }
        #expect(kept == ["value": "-", "name": "n", "deep": ["value": "x"]] && hasChanged)
    }

    /// Looking costs time that the agent decides on: what is over the bound is not kept, and not looked at.
    @Test func whatIsTooMuchToLookThroughIsNotKept() throws {
        let long = String(repeating: "x", count: 300 << 10)
        #expect(try redacted(" []", #"{"a":"\#(long)"}"#) == #"{"a":"-"}"#)
        let many = (0..<40).map { "\"k\($0)\":\"\(String(repeating: "x", count: 10 << 10))\"" }.joined(separator: ",")
        let kept = try redacted(" []", "{\(many)}").components(separatedBy: "\"-\"").count - 1
        #expect((14...16).contains(kept), "\(kept)")
    }

    @Test func theOperatorsRulesAreFollowed() throws {
        let rules = """

              - {tool: crm_*, at: /customer/iban}
              - {tool: crm_*, at: /list/1}
              - {at: /deep}
              - {pattern: 'PAT-[0-9]{4}'}
            """
        #expect(
            try redacted(rules, #"{"customer":{"iban":"DE12","name":"x"},"list":["a","b"],"deep":{"a":[1]}}"#)
                == #"{"customer":{"iban":"-","name":"x"},"list":["a","-"],"deep":"-"}"#)
        let others = #"{"customer":{"iban":"DE12"}}"#
        #expect(try redacted(rules, others, tool: "other") == others)
        #expect(try redacted(rules, #"{"a":["line\nsee PAT-1234, now","PAT-12"]}"#) == #"{"a":["-","PAT-12"]}"#)
        // Too long to be looked at: nobody can tell.
        let long = String(repeating: "x", count: 20_000)
        #expect(try redacted(rules, #"{"a":"\#(long)"}"#) == #"{"a":"-"}"#)
        #expect(try redacted(" []", #"{"a":"\#(long)"}"#) != #"{"a":"-"}"#)
    }

    @Test(arguments: [
        #"{"password":"x"}"#, #"{"Api-Key":"x"}"#, #"{"clientSecret":{"a":1}}"#, #"{"access_token":["x"]}"#,
        #"{"AUTHORIZATION":"x"}"#, #"{"db_passwd":1}"#, #"{"token":"x"}"#,
    ])
    func membersNamedForSecretsAreNotKept(json: String) throws {
        let kept = try redacted(" []", json)
        #expect(kept.hasSuffix(#":"-"}"#), "\(kept)")
    }

    @Test func whatLooksLikeASecretIsNotKept() throws {
        let secrets = [
            "AKIA" + "ABCDEFGHIJKLMNOP", "ghp_" + String(repeating: "a1", count: 18), "xoxb-" + "123456789012",
            "sk-ant-" + String(repeating: "z", count: 20), "-----BEGIN OPENSSH " + "PRIVATE KEY-----",
            "eyJhbGciOi" + "JIUzI1NiJ9.eyJzdWIi",
        ]
        for secret in secrets {
            let call = #"{"command":"curl -H 'x: \#(secret)' y"}"#
            #expect(try redacted(" []", call) == #"{"command":"-"}"#, "\(secret)")
            #expect(try redacted(" []", #"{"a":[{"b":["\#(secret)"]}]}"#) == #"{"a":[{"b":["-"]}]}"#)
            // As a name it cannot stay either way; what it names is not kept.
            #expect(try redacted(" []", #"{"\#(secret)":"v"}"#).hasSuffix(#":"-"}"#))
        }
        for harmless in [
            #"{"command":"task-ant- sk-ant-x AKIA ghp_"}"#, #"{"maximum_tokens":5,"tokens":[1],"path":"a/token.txt"}"#,
            #"{"password":null}"#, #"{"spin":"x","tokenizer":"y"}"#,
        ] {
            #expect(try redacted(" []", harmless) == harmless)
        }
    }

    @Test(arguments: [
        " [{tool: a}]", " [{at: /a, pattern: b}]", " [{at: a}]", " [{pattern: '('}]", " [{at: /a, why: x}]",
        " {at: /a}",
    ])
    func aRuleThatIsNotUnderstoodIsRefused(rules: String) {
        #expect(throws: PolicyError.self) { try Policy(yaml: "version: 1\nredact:\(rules)", file: "policy.yaml") }
    }
}
