import MCP
import Model
import Policy
import Testing

/// A rule with one condition on arguments, asked about one call.
private func decision(_ verdict: String, _ condition: String, _ arguments: JSONObject) throws -> String {
    let policy = try Policy(
        yaml: """
            version: 1
            rules:
              - name: r
                tool: post
                arguments:
                  - \(condition)
                decision: \(verdict)
            """, file: "p")
    // External: where the rule does not apply, Standard asks.
    return policy.evaluate(question("post", .external, .auto, arguments: arguments)).rule.name
}

@Suite struct ArgumentConditionTests {
    @Test(
        arguments: [
            ("{at: /to, equals: '#general'}", ["to": "#general"], true),
            ("{at: /to, equals: '#general'}", ["to": "#General"], false),
            ("{at: /to, equals: [a, b]}", ["to": "b"], true),
            ("{at: /n, equals: 1}", ["n": 1.0], true),
            ("{at: /n, equals: 9007199254740992}", ["n": 9_007_199_254_740_993], false),
            ("{at: /n, equals: yes}", ["n": "yes"], true),
            ("{at: /n, equals: \u{212A}}", ["n": "K"], false),
            ("{at: /n, equals: true}", ["n": true], true),
            ("{at: /n, from: 1, to: 10}", ["n": 10], true),
            ("{at: /n, from: 1, to: 10}", ["n": 10.5], false),
            ("{at: /n, to: 10}", ["n": -5], true),
            ("{at: /n, from: 1}", ["n": 0], false),
            ("{at: /text, glob: 'Report *'}", ["text": "Report 3"], true),
            ("{at: /text, pattern: '[A-Z]+-\\d{1,5}'}", ["text": "ABC-42"], true),
            ("{at: /text, pattern: '[A-Z]+-\\d{1,5}'}", ["text": "ABC-42 "], false),
            ("{at: /path, inside: /workspace/thread}", ["path": "/workspace/thread/a/b"], true),
            ("{at: /path, inside: /workspace/thread}", ["path": "notes.txt"], true),
            ("{at: /path, inside: /workspace/thread}", ["path": "/workspace/threads"], false),
            ("{at: /path, inside: [/workspace/user, /workspace/thread]}", ["path": "/workspace//user/./x"], true),
            ("{at: /url, domain: example.com}", ["url": "https://Example.COM:8443/x?y#z"], true),
            ("{at: /url, domain: example.com}", ["url": "https://www.example.com/"], false),
            ("{at: /url, domain: '*.example.com'}", ["url": "https://a.b.example.com/"], true),
            ("{at: /url, domain: '*.example.com'}", ["url": "https://example.com/"], false),
            ("{at: /url, domain: '*.example.com'}", ["url": "https://evilexample.com/"], false),
            ("{at: /a/0/b, equals: x}", ["a": [["b": "x"]]], true),
            ("{at: /a~1b, equals: x}", ["a/b": "x"], true),
            ("{at: /to, not: true, equals: x}", ["to": "y"], true),
            ("{at: /to, not: true, equals: x}", ["to": "x"], false),
            ("{at: /to, equals: [a, b]}", ["to": ["a", "b"]], true),
        ] as [(String, JSONObject, Bool)])
    func saysWhetherItHolds(condition: String, arguments: JSONObject, holds: Bool) throws {
        for verdict in ["allow", "deny"] {
            #expect(try (decision(verdict, condition, arguments) == "r") == holds, "\(verdict)")
        }
    }

    /// What cannot be told never grants, and always restricts.
    @Test(
        arguments: [
            ("{at: /n, to: 10}", ["n": "5"]),
            ("{at: /text, glob: 'x'}", ["text": 5]),
            ("{at: /text, pattern: '.*'}", ["text": .string(String(repeating: "x", count: 20_000))]),
            ("{at: /path, inside: /workspace/thread}", ["path": "/workspace/thread/link/../../user"]),
            ("{at: /path, inside: /workspace/thread}", ["path": "a\u{0}b"]),
            ("{at: /path, inside: /workspace/thread}", ["path": "~/x"]),
            ("{at: /path, inside: /workspace/thread}", ["path": ""]),
            ("{at: /url, domain: example.com}", ["url": "https://user@example.com/"]),
            ("{at: /url, domain: example.com}", ["url": "https://example.com\\@evil.com/"]),
            ("{at: /url, domain: example.com}", ["url": "https://example.com%2eevil.com/"]),
            ("{at: /url, domain: example.com}", ["url": "https://ex\u{0430}mple.com/"]),
            ("{at: /url, domain: example.com}", ["url": "https://127.0.0.1/"]),
            ("{at: /url, domain: example.com}", ["url": "https://0x7f.1/"]),
            ("{at: /url, domain: example.com}", ["url": "https://[::1]/"]),
            ("{at: /url, domain: example.com}", ["url": "https://example.com\n.evil.com/"]),
            ("{at: /url, domain: example.com}", ["url": "https:///example.com/"]),
            ("{at: /url, domain: example.com}", ["url": "//example.com:1:2/"]),
            ("{at: /to, not: true, equals: x}", [:]),
            ("{at: /path, inside: /workspace/thread}", [:]),
            ("{at: /path, inside: /workspace/user}", ["path": "/workspace"]),
            ("{at: /path, not: true, inside: /workspace/user}", ["path": "/"]),
            ("{at: /url, domain: example.com}", [:]),
            ("{at: /n, equals: 100}", ["n": "100"]),
            ("{at: /n, equals: '100'}", ["n": 100]),
            ("{at: /n, equals: true}", ["n": "true"]),
            ("{at: /to, not: true, equals: x}", ["to": []]),
        ] as [(String, JSONObject)])
    func whatIsUnclearCountsAgainstTheCall(condition: String, arguments: JSONObject) throws {
        #expect(try decision("allow", condition, arguments) != "r")
        #expect(try decision("deny", condition, arguments) == "r")
        #expect(try decision("ask", condition, arguments) == "r")
    }

    @Test func ofAListAGrantWantsAllAndARestrictionOne() throws {
        let mixed: JSONObject = ["to": ["a@example.com", "b@other.org"]]
        let condition = "{at: /to, glob: '*@example.com'}"
        #expect(try decision("allow", condition, mixed) != "r")
        #expect(try decision("deny", condition, mixed) == "r")
        #expect(try decision("allow", condition, ["to": ["a@example.com", "b@example.com"]]) == "r")
        #expect(try decision("allow", condition, ["to": ["a@example.com", 5]]) != "r")
        #expect(try decision("allow", condition, ["to": []]) != "r")
    }

    @Test func absentIsNotThere() throws {
        #expect(try decision("allow", "{at: /to, equals: x}", [:]) != "r")
        #expect(try decision("deny", "{at: /to, equals: x}", [:]) != "r")
        #expect(try decision("deny", "{at: /a/9, equals: x}", ["a": ["x"]]) != "r")
        #expect(try decision("deny", "{at: /a/00, equals: x}", ["a": ["x"]]) != "r")
    }

    /// `é` written as one character or as two is two names to a file system.
    @Test func pathsAreBytes() throws {
        let composed: JSONObject = ["path": "/workspace/thread/\u{E9}/x"]
        let decomposed: JSONObject = ["path": "/workspace/thread/e\u{301}/x"]
        let condition = "{at: /path, inside: \"/workspace/thread/\\u00E9\"}"
        #expect(try decision("allow", condition, composed) == "r")
        #expect(try decision("allow", condition, decomposed) != "r")
        // A combining mark after the slash makes one character of the two, not one name.
        #expect(
            try decision("deny", "{at: /path, inside: /etc}", ["path": "/\u{301}/../etc/passwd"]) == "r")
    }
}
