import BrokerProtocol
import Compartments
import DockerEngine
import Glibc
import MCP
import Model
import ToolServers

/// What needs real containers: how soon an agent holds a message, what a command costs, what an idle session weighs.
enum ContainerRows {
    static func measure(_ options: Options) async throws -> [Row] {
        let broker = try await BenchBroker(options)
        do {
            let rows = try await measure(options, broker)
            await broker.end()
            return rows
        } catch {
            await broker.end()
            throw error
        }
    }

    private static func measure(_ options: Options, _ broker: BenchBroker) async throws -> [Row] {
        let bench = try await GateBench(directory: try options.directory("containers"))
        // The first one finds out how volumes are bound.
        try await broker.withPool(ready: 0) { pool, _ in
            await (try await pool.take(for: SessionID(trusted: "bench"))).end()
        }
        let warm = try await broker.withPool(ready: 2) { pool, _ in try await takes(25, pool, bench, waits: true) }
        // In turn, so that whatever else the machine does meets both alike.
        let (cold, raw) = try await broker.withPool(ready: 0) { pool, _ in
            var (cold, raw) = (Samples(), Samples())
            for number in 0..<20 {
                cold.add(try await takes(1, pool, bench, waits: false))
                raw.add(try await rawStart(options, "bulkhead-\(broker.name)-raw-\(number)"))
            }
            return (cold, raw)
        }
        let python = try await idlePython(options)
        let (bash, exec, memory) = try await broker.withPool(ready: 0) { pool, engine in
            try await commands(pool, engine, bench, broker.name)
        }
        bench.close()
        let start = "raw Docker create+attach+start"
        return [
            Row(
                name: "message stored → agent holds it, from the pool, p50", value: warm.p50, unit: "ms",
                better: .lower, target: "≤ 10", peerName: start, peer: raw.p50),
            Row(
                name: "message stored → agent holds it, from the pool, p99", value: warm.p99, unit: "ms",
                better: .lower, target: "≤ 50", peerName: start, peer: raw.p99),
            Row(
                name: "message stored → agent holds it, without a pool, p50", value: cold.p50, unit: "ms",
                better: .lower, target: "≤ 1.15 × raw Docker", peerName: start, peer: raw.p50),
            Row(
                name: "bash running true, through gate and sandbox, p50", value: bash.p50, unit: "ms", better: .lower,
                target: "≤ 5", peerName: "docker exec", peer: exec.p50),
            Row(
                name: "idle session, both containers, without page cache", value: memory, unit: "MB", better: .lower,
                target: "≤ 15", peerName: "one idle process of the official Python SDK", peer: python),
        ]
    }

    /// The floor: the same image, started as the engine starts one.
    private static func rawStart(_ options: Options, _ name: String) async throws -> Samples {
        let docker = DockerEngine(socketPath: BenchBroker.engineSocket)
        var samples = Samples()
        let start = ContinuousClock.now
        let id = try await docker.createContainer(
            named: name,
            [
                "Image": .string("bulkhead-agent:\(options.tag)"), "NetworkDisabled": true, "OpenStdin": true,
                "StdinOnce": true, "AttachStdin": true, "AttachStdout": true,
                "HostConfig": ["NetworkMode": "none", "LogConfig": ["Type": "none", "Config": [:]]],
            ])
        let stream = try await docker.attachDescriptor(id)
        try await docker.startContainer(id)
        samples.add(ContinuousClock.now - start)
        close(stream)
        try await docker.removeContainer(id)
        return samples
    }

    /// What one idle process weighs elsewhere.
    private static func idlePython(_ options: Options) async throws -> Double {
        let program = try Program(
            options.python, [options.root + "/Tests/Peers/mcp_server.py", "initialize"], .connected)
        let transport = DescriptorTransport(reading: program.connection, writing: program.connection)
        let megabytes = try await GateBench.withClient(transport, probes: false) { client in
            _ = try await client.listTools()
            return program.residentMegabytes
        }
        await program.end(SIGKILL)
        return megabytes
    }

    /// Told when the agent asks for its message, which is then on its way out.
    private struct OneMessage: ToolProvider {
        let asked: AsyncStream<Void>.Continuation

        func listTools(cursor: String?) async throws -> ToolPage {
            ToolPage(tools: ["receive", "reply"].map { Tool(name: $0) })
        }

        func callTool(
            _ name: String, arguments: JSONObject, context: RequestContext
        ) async throws -> CallToolResult {
            asked.yield()
            try await Task.sleep(for: .seconds(60))
            return .text("")
        }
    }

    /// A message is stored, an agent taken for it; over when the agent asks for it.
    private static func takes(
        _ count: Int, _ pool: CompartmentPool, _ bench: GateBench, waits: Bool
    ) async throws -> Samples {
        var samples = Samples()
        for _ in 0..<count {
            while waits, await pool.readyCount < 2 { try await Task.sleep(for: .milliseconds(5)) }
            // A ready container's agent has started when its first words are there; give a new one that time.
            if waits { try await Task.sleep(for: .milliseconds(300)) }
            let (asked, ask) = AsyncStream<Void>.makeStream()
            let start = ContinuousClock.now
            try await bench.store("hello")
            let compartment = try await pool.take(for: SessionID(trusted: "bench"))
            let server = ServerSession(
                info: Implementation(name: "bench", version: "1"), provider: OneMessage(asked: ask),
                transport: compartment.agentTransport)
            let elapsed: Duration? = await withTaskGroup(of: Duration?.self) { group in
                group.addTask {
                    try? await server.run()
                    return nil
                }
                group.addTask {
                    for await _ in asked { return ContinuousClock.now - start }
                    return nil
                }
                let first = await group.next() ?? nil
                group.cancelAll()
                return first
            }
            await compartment.end()
            guard let elapsed else { throw BenchError("the agent ended before it asked for its message") }
            samples.add(elapsed)
        }
        return samples
    }

    /// The workspace's `bash` behind the gate.
    private struct Sandbox: ToolServer {
        let tools: [RegisteredTool]
        let workspace: ClientSession

        func call(_ name: String, arguments: JSONObject, context: ToolContext) async throws -> CallToolResult {
            try await workspace.callTool(name, arguments: arguments)
        }
    }

    private static func commands(
        _ pool: CompartmentPool, _ engine: BrokerEngine, _ bench: GateBench, _ name: String
    ) async throws -> (bash: Samples, exec: Samples, memory: Double) {
        let compartment = try await pool.take(for: SessionID(trusted: "bench"))
        let workspace = try await compartment.workspace(volumes: [
            VolumeGrant(.thread(ConversationID(trusted: "bench")), .readWrite)
        ])
        var memory: Int64 = 0
        for part in [CompartmentPart.agent, .workspace] {
            memory += try await engine.memory(compartment.id, part: part)
        }
        let tools = try await workspace.listTools().filter { $0.name == "bash" }
            .map { RegisteredTool(tool: $0, effect: .write, server: "workspace", runsCommands: true) }
        let session = try await bench.session([Sandbox(tools: tools, workspace: workspace)])
        let bash = try await session.use { client in
            for _ in 0..<10 { try await GateBench.call(client, "bash", ["command": "true"]) }
            return try await Samples.of(200) { try await GateBench.call(client, "bash", ["command": "true"]) }
        }
        let container = "bulkhead-\(name)-\(compartment.id)-workspace"
        let exec = try await Samples.of(12) {
            _ = try await Program.output("docker", ["exec", container, "true"])
        }
        await compartment.end()
        return (bash, exec, Double(memory) / Double(1 << 20))
    }
}
