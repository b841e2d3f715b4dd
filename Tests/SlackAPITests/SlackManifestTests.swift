import Foundation
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

    /// Which calls and events each scope is for: https://docs.slack.dev/reference/methods.
    private static let uses: [String: [String]] = [
        "app_mentions:read": ["app_mention"], "assistant:write": ["assistant.threads.setStatus"],
        "channels:history": ["message.channels", "conversations.history"],
        "channels:read": ["channel_rename", "conversations.info"],
        "chat:write": ["chat.postMessage"], "commands": ["/bulkhead"],
        "files:read": ["files.info"], "files:write": ["files.getUploadURLExternal"],
        "groups:history": ["message.groups", "conversations.history"],
        "groups:read": ["group_left", "conversations.info"],
        "im:history": ["message.im", "conversations.history"], "im:read": ["conversations.info"],
        "im:write": ["conversations.open"],
        "mpim:history": ["message.mpim", "conversations.history"], "mpim:read": ["conversations.info"],
        "reactions:read": ["reaction_added"], "reactions:write": ["reactions.add"],
        "users:read": ["users.info", "user_change"], "users:read.email": ["users.lookupByEmail"],
    ]

    /// What is asked for is used: each scope by a call that is made or an event that is listened for, each call by somebody.
    @Test func everyScopeIsForSomethingThatIsDone() throws {
        #expect(Set(SlackFeature.scopes) == Set(Self.uses.keys))
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources")
        let calls = root.appending(path: "SlackAPI/Web/Calls")
        let called = try FileManager.default.contentsOfDirectory(atPath: calls.path).map {
            try String(contentsOf: calls.appending(path: $0), encoding: .utf8)
        }.joined()
        let table = try String(
            contentsOf: root.appending(path: "SlackAPI/Web/SlackMethod.swift"), encoding: .utf8)
        // Those of Slack's methods that some call makes.
        var made: Set<String> = []
        for match in table.matches(of: /static let (\w+) = SlackMethod\("([\w.]+)"/) {
            let isMade =
                called.contains(".\(match.1),") || called.contains(".\(match.1))") || match.1 == "connectionsOpen"
            #expect(isMade, "\(match.2)")
            if isMade { made.insert(String(match.2)) }
        }
        for (scope, uses) in Self.uses {
            for use in uses where use != SlackManifest.command {
                #expect(made.contains(use) || SlackFeature.events.contains(use), "\(scope) for \(use)")
            }
        }
    }

    @Test func everyFeatureSaysWhatIsLostWithoutIt() {
        #expect(Set(SlackFeature.all.map(\.name)).count == SlackFeature.all.count)
        for feature in SlackFeature.all {
            #expect(feature.without.hasSuffix("."), "\(feature.name)")
            #expect(!feature.scopes.isEmpty || !feature.events.isEmpty, "\(feature.name)")
        }
    }
}
