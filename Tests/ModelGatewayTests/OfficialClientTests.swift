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

    private static func check(_ name: String, _ socket: String) async throws -> String {
        try await Peer.run("anthropic_peer.py", [socket, name])
    }
}
