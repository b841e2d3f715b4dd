import MCP
import Testing

@testable import ModelGateway

/// The official `anthropic` Python SDK works against the gateway, over the Unix socket as an agent would.
@Suite struct OfficialClientTests {
    @Test func offlineModel() async throws {
        try await OpenGateway.with { open in
            let said = try await Self.check("offline", open.path)
            #expect(said == "ok\n")
            #expect(open.journal.records.allSatisfy { $0.error == nil })
        }
    }

    @Test func conversationWithTools() async throws {
        try await OpenGateway.with(scenario: "happy") { open, _, _ in
            let said = try await Self.check("simulator", open.path)
            #expect(said == "ok\n")
            #expect(open.journal.records.count == 4)
        }
    }

    @Test func refusals() async throws {
        try await OpenGateway.with { open in
            let said = try await Self.check("refusals", open.path)
            #expect(said == "ok\n")
            #expect(open.journal.records.isEmpty)
        }
    }

    @Test func brokenStream() async throws {
        try await OpenGateway.with(scenario: "broken_stream") { open, _, _ in
            let said = try await Self.check("broken", open.path)
            #expect(said == "ok\n")
        }
    }

    @Test func overloadedForGood() async throws {
        try await OpenGateway.with(scenario: "overloaded") { open, simulator, instance in
            let said = try await Self.check("overloaded", open.path)
            #expect(said == "ok\n")
            let asked = try await simulator.requests(instance).count
            #expect(asked == 5)
        }
    }

    @Test func bothVersionsOfTheAPI() async throws {
        try await OpenGateway.with(scenario: "happy") { open, simulator, instance in
            let said = try await Self.check("versions", open.path)
            #expect(said == "ok\n")
            let versions = try await simulator.requests(instance).map { $0["headers"]?["anthropic-version"] }
            #expect(Set(versions) == ["2023-06-01", "2026-10-21"])
        }
    }

    @Test func grantedBetasReachTheProvider() async throws {
        try await OpenGateway.with(scenario: "happy") { open, simulator, instance in
            let said = try await Self.check("betas", open.path)
            #expect(said == "ok\n")
            let sent = try await simulator.requests(instance)
            #expect(sent.count == 3)
            #expect(
                sent.first?["headers"]?["anthropic-beta"] == "prompt-caching-2024-07-31,extended-cache-ttl-2025-04-11")
        }
    }

    @Test(arguments: ["unauthorized", "invalid", "rate_limited", "overloaded", "server_error"])
    func errorsAreTheSDKsOwn(kind: String) async throws {
        try await OpenGateway.with(scenario: kind == "rate_limited" ? "rate_limited:99" : kind) { open, _, _ in
            let said = try await Self.check("error", open.path, kind)
            #expect(said == "ok\n")
        }
    }

    // MARK: The same client, and behind the gateway a server of another API

    @Test func conversationWithToolsTranslated() async throws {
        try await OpenGateway.with(openAI: "happy") { open, _, _ in
            let said = try await Self.check("simulator", open.path)
            #expect(said == "ok\n")
            #expect(open.journal.records.count == 4)
            #expect(open.journal.records.allSatisfy { $0.error == nil && !$0.usage.isEstimated })
        }
    }

    @Test func brokenStreamTranslated() async throws {
        try await OpenGateway.with(openAI: "broken_stream") { open, _, _ in
            let said = try await Self.check("broken", open.path)
            #expect(said == "ok\n")
        }
    }

    @Test(arguments: ["unauthorized", "no_model", "quota", "too_long", "overloaded"])
    func errorsOfOtherServersAreTheSDKsOwn(kind: String) async throws {
        try await OpenGateway.with(openAI: kind) { open, _, _ in
            let said = try await Self.check("error", open.path, kind)
            #expect(said == "ok\n")
        }
    }

    private static func check(_ name: String, _ socket: String, _ more: String...) async throws -> String {
        try await Peer.run("anthropic_peer.py", [socket, name] + more)
    }
}
