import Glibc
import Harness
import MCP
import Model
import Store
import ToolServers

/// A tool call as an agent makes it: over MCP, through policy and durable audit, to a tool that does nothing.
enum GateRows {
    static func measure(_ options: Options) async throws -> [Row] {
        let bench = try await GateBench(directory: try options.directory("gate"))
        let alone = try await bench.withDatabase {
            let session = try await bench.session()
            return try await session.use { client in
                for _ in 0..<300 { try await GateBench.call(client, "noop") }
                return try await Samples.of(3000) { try await GateBench.call(client, "noop") }
            }
        }
        let many = try await bench.withDatabase { try await rate(bench, sessions: 64, calls: 400) }
        let peer = try await python(options)
        bench.close()
        return [
            Row(
                name: "tool call through the gate, alone, p50", value: alone.p50, unit: "ms", better: .lower,
                target: "≤ 1", peerName: "official Python SDK, no gate, no audit", peer: peer.samples.p50),
            Row(
                name: "tool call through the gate, alone, p99", value: alone.p99, unit: "ms", better: .lower,
                target: "≤ 5", peerName: "official Python SDK, no gate, no audit", peer: peer.samples.p99),
            Row(
                name: "tool calls through the gate, 64 sessions", value: many, unit: "calls/s", better: .higher,
                target: "≥ 5,000", peerName: "official Python SDK, 64 in flight", peer: peer.rate),
        ]
    }

    private static func rate(_ bench: GateBench, sessions: Int, calls: Int) async throws -> Double {
        var all: [GateBench.Session] = []
        for _ in 0..<sessions { all.append(try await bench.session()) }
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for session in all {
                group.addTask {
                    try await session.use { client in
                        for _ in 0..<calls { try await GateBench.call(client, "noop") }
                    }
                }
            }
            try await group.waitForAll()
        }
        return Double(sessions * calls) / (ContinuousClock.now - start).inSeconds
    }

    private static func python(_ options: Options) async throws -> (samples: Samples, rate: Double) {
        let program = try Program(
            options.python, [options.root + "/Tests/Peers/mcp_server.py", "initialize"], .connected)
        let transport = DescriptorTransport(reading: program.connection, writing: program.connection)
        let result = try await GateBench.withClient(transport, probes: false) { client in
            @Sendable func echo() async throws { _ = try await client.callTool("echo", arguments: ["text": "x"]) }
            for _ in 0..<50 { try await echo() }
            let samples = try await Samples.of(500) { try await echo() }
            let start = ContinuousClock.now
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<64 { group.addTask { for _ in 0..<30 { try await echo() } } }
                try await group.waitForAll()
            }
            return (samples, Double(64 * 30) / (ContinuousClock.now - start).inSeconds)
        }
        await program.end(SIGKILL)
        return result
    }
}
