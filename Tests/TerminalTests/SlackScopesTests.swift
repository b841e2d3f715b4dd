import MCP
import Testing

@testable import Hardening
@testable import Terminal

@Suite struct SlackScopesTests {
    @Test func whatIsMissingAndWhatIsTooMuchIsALineEach() {
        let found = SlackScopes.findings(ofSlack: [
            "state": "connected",
            "scopes": [
                "missing": [
                    ["feature": "people", "scopes": ["users:read"], "required": true, "without": "It serves nobody."],
                    [
                        "feature": "files", "scopes": ["files:read", "files:write"], "required": false,
                        "without": "None.",
                    ],
                ], "unneeded": ["pins:write"],
            ],
        ])
        #expect(found.map(\.state) == [.fail, .warn, .warn])
        #expect(found[0].fact == "users:read missing (people): It serves nobody." && !found[0].advice.isEmpty)
        #expect(found[1].fact.hasPrefix("files:read, files:write missing"))
        #expect(found[2].fact.contains("pins:write") && found[2].advice.contains("Take it away"))
    }

    @Test func allInOrderIsOneLineAndNoSlackIsNone() {
        let fine: JSONValue = ["state": "connected", "scopes": ["missing": [], "unneeded": []]]
        #expect(SlackScopes.findings(ofSlack: fine).map(\.state) == [.ok])
        #expect(SlackScopes.findings(ofSlack: ["state": "off"]).isEmpty)
        let unknown: JSONValue = ["state": "refused", "scopes": ["problem": "The token was revoked."]]
        #expect(SlackScopes.findings(ofSlack: unknown).first?.fact.contains("revoked") == true)
    }
}
