import Foundation
import Testing

extension SystemTests {
    /// An agent that wants everything gets nothing past the policy, and each attempt that reaches the gate is on record.
    @Suite struct HostileAgentTests {
        private static let policy = """
            version: 1
            deny:
              - name: nothing forbidden is written
                tool: [write_file, edit_file]
                arguments: [{at: /path, glob: "*forbidden*"}]
                reason: it is forbidden
              - name: nothing forbidden is run
                tool: bash
                arguments: [{at: /command, glob: "*forbidden*"}]
                reason: it is forbidden
            """

        private struct Report: Decodable {
            var made: [String: Int]
            var through: [String]
        }

        @Test func aHostileAgentGetsNothingPastThePolicy() async throws {
            try await withInstallation(policy: Self.policy) { bulkhead in
                let peer = try await Command.run(
                    Installation.packageRoot + "/.build/peers/bin/python",
                    [
                        Installation.packageRoot + "/Tests/Peers/hostile_agent.py", bulkhead.home + "/bin/bulkhead",
                        "mcp", "--config", bulkhead.configuration, "--channel", try await bulkhead.directChannel(),
                    ])
                #expect(peer.status == 0, "\(peer.output)\(peer.errors)")
                let report = try JSONDecoder().decode(Report.self, from: Data(peer.output.utf8))
                #expect(report.through.isEmpty, "\(report.through)")

                let rows = try await bulkhead.bulkhead(["audit", "export"]).output.split(separator: "\n").map {
                    try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] ?? [:]
                }
                let intents = rows.filter { $0["kind"] as? String == "intent" }
                func count(_ decision: String) -> Int { intents.count { $0["decision"] as? String == decision } }
                #expect(count("unknown") == report.made["unknown"])
                #expect(count("invalid") == report.made["invalid"])
                #expect(report.made["denied"] == 50 && report.made["demanded"] == 2)
                #expect(count("deny") == 52)
                // What was allowed: the control, and what the tools themselves refused.
                #expect(count("allow") == 1 + (report.made["outside"] ?? 0), "\(intents)")
                #expect(try await bulkhead.bulkhead(["audit", "verify"]).status == 0)
                // The daemon is none the worse for it.
                let after = try await bulkhead.chat("run echo alive")
                #expect(after.answer?.reply?.contains("alive") == true, "\(after.result)")
            }
        }
    }
}
