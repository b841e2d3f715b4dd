import MCP
import SlackAPI
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct SlackManifestTests {
    /// The simulator refuses a manifest whose scopes and events do not fit together, as Slack does.
    @Test(arguments: [nil, "https://bulkhead.example.com/slack"] as [String?])
    func slackTakesTheManifest(address: String?) async throws {
        let manifest = try #require(SlackManifest(requestURL: address))
        let slack = try SimulatedSlack()
        try await slack.control("POST", "world", ["users": ["ada"], "apps": [["manifest": manifest.json]]])
        let app = try await slack.app("Bulkhead")
        #expect(Set((app["scopes"]?.arrayValue ?? []).compactMap(\.stringValue)) == Set(SlackFeature.scopes))
        #expect(Set((app["events"]?.arrayValue ?? []).compactMap(\.stringValue)) == Set(SlackFeature.events))
        #expect(app["commands"] == ["/bulkhead"] && app["socket_mode"] == .bool(address == nil))
        // What it was granted is all it needs, and no more.
        try await slack.control(
            "POST", "world", ["channels": [["name": "general", "members": ["ada"], "apps": ["Bulkhead"]]]])
        let client = try await slack.client(app: "Bulkhead")
        let report = ScopeReport(granted: try #require(try await client.authTest().scopes))
        #expect(report.isComplete && report.unneeded.isEmpty)
        await client.shutdown()
    }

    @Test func aScopeLessIsRefusedWithItsEvents() async throws {
        let slack = try SimulatedSlack()
        guard case .object(var manifest) = try #require(SlackManifest()).json else { return }
        manifest["oauth_config"] = ["scopes": ["bot": ["commands"]]]
        await #expect(throws: SimulatedSlack.Failure.self) {
            try await slack.control("POST", "world", ["apps": [["manifest": .object(manifest)]]])
        }
    }

    @Test(
        arguments: [
            ("", nil), (String(repeating: "x", count: 36), nil), ("a\nb", nil),
            ("Bulkhead", "http://bulkhead.example.com/"),
            ("Bulkhead", "http://127.0.0.1/slack"), ("Bulkhead", "bulkhead.example.com"),
        ] as [(String, String?)])
    func whatSlackWouldRefuseIsNone(name: String, address: String?) {
        #expect(SlackManifest(name: name, requestURL: address) == nil)
    }

    @Test func whatIsMissingIsToldWithWhatIsLost() throws {
        var granted = Set(SlackFeature.scopes)
        granted.subtract(["users:read.email", "im:write"])
        granted.insert("admin")
        let report = ScopeReport(granted: granted)
        #expect(
            report.required.map(\.missing) == [["im:write"]] && report.optional.map(\.missing) == [["users:read.email"]]
        )
        #expect(report.unneeded == ["admin"] && !report.isComplete)
        #expect(report.optional.first?.feature.without.contains("mail address") == true)
    }

    @Test func everyFeatureSaysWhatIsLostWithoutIt() {
        #expect(Set(SlackFeature.all.map(\.name)).count == SlackFeature.all.count)
        for feature in SlackFeature.all {
            #expect(feature.without.hasSuffix("."), "\(feature.name)")
            #expect(!feature.scopes.isEmpty || !feature.events.isEmpty, "\(feature.name)")
        }
    }
}
