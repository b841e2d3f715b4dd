import Foundation
import Testing

extension SystemTests {
    /// Any MCP client can be the agent: here the official Python SDK, through the program on its standard streams.
    @Suite struct MCPClientTests {
        private func runClient(_ channel: String, _ command: [String]) async throws -> Command.Result {
            let python = Installation.packageRoot + "/.build/peers/bin/python"
            try #require(FileManager.default.fileExists(atPath: python), "run scripts/python-peers.sh first")
            return try await Command.run(
                python, [Installation.packageRoot + "/Tests/Peers/agent_client.py"] + command + ["--channel", channel])
        }

        @Test func theOfficialSDKIsTheAgent() async throws {
            try await withInstallation { bulkhead in
                let peer = try await runClient(
                    try await bulkhead.directChannel(),
                    [bulkhead.home + "/bin/bulkhead", "mcp", "--config", bulkhead.configuration])
                #expect(peer.status == 0, "\(peer.output)\(peer.errors)")
                #expect(peer.output.contains("hello from bash"), "\(peer.output)\(peer.errors)")
                let audit = try await bulkhead.bulkhead(["audit"])
                #expect(audit.output.contains("bash"))
            }
        }

        /// Without a daemon the program is all of it: the same gate, the same audit, on standard input and output.
        @Test func theOfficialSDKWorksStandalone() async throws {
            try await withInstallation { bulkhead in
                let channel = try await bulkhead.directChannel()
                let command = bulkhead.asService(["mcp", "--standalone"])
                let taken = try await runClient(channel, command)
                #expect(taken.status != 0)
                #expect(taken.errors.contains("Another daemon"), "\(taken.errors)")

                await bulkhead.stopDaemon()
                let started = ContinuousClock.now
                let peer = try await runClient(channel, command)
                #expect(peer.status == 0, "\(peer.output)\(peer.errors)")
                #expect(peer.output.contains("hello from bash"), "\(peer.output)\(peer.errors)")
                // The client goes, and so does all of it, at once and in order.
                #expect(ContinuousClock.now - started < .seconds(20))
                try await eventually("the end of its containers") {
                    let left = try await bulkhead.containers("agent").union(bulkhead.containers("workspace"))
                    return left.isEmpty
                }
                let nobodys = try await Command.run(
                    command[0], Array(command.dropFirst()) + ["--channel", "no such channel"])
                #expect(nobodys.status == 2, "\(nobodys.errors)")
                #expect(nobodys.errors.contains("There is no channel no such channel"), "\(nobodys.errors)")
                await bulkhead.stopBroker()
                let alone = try await Command.run(command[0], Array(command.dropFirst()) + ["--channel", channel])
                #expect(alone.status == 1, "\(alone.errors)")
                #expect(alone.errors.contains("bulkhead: The assistant has no sandbox"), "\(alone.errors)")
                try await bulkhead.startBroker()

                try await bulkhead.startDaemon()
                let audit = try await bulkhead.bulkhead(["audit"])
                #expect(audit.output.contains("echo hello from bash"), "\(audit.output)")
                let sessions = try await bulkhead.bulkhead(["sessions"])
                #expect(sessions.output.contains("The MCP client has left."), "\(sessions.output)")
                #expect(try await bulkhead.bulkhead(["audit", "verify"]).status == 0)
            }
        }
    }
}
