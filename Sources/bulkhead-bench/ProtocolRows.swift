import Dispatch
import Glibc
import MCP

/// `serve-noop`: a tool server that does nothing, so that what is measured is the protocol.
enum NoOpServer {
    struct Tools: ToolProvider {
        func listTools(cursor: String?) async throws -> ToolPage { ToolPage(tools: [Tool(name: "echo")]) }

        func callTool(
            _ name: String, arguments: JSONObject, context: RequestContext
        ) async throws -> CallToolResult {
            .text(arguments["text"]?.stringValue ?? "")
        }
    }

    static func run() async throws {
        let transport = DescriptorTransport(reading: STDIN_FILENO, writing: STDOUT_FILENO, ownsDescriptors: false)
        try await ServerSession(
            info: Implementation(name: "noop", version: "1"), provider: Tools(), transport: transport
        ).run()
    }
}

/// Pipelined calls of a no-op tool over standard input and output.
enum ProtocolRows {
    static func measure(_ options: Options) async throws -> [Row] {
        let ours = try await throughput(options.products + "/bulkhead-bench", ["serve-noop"], calls: 500_000)
        let python = try await throughput(
            options.python, [options.root + "/Tests/Peers/mcp_server.py", "initialize"], calls: 4_000)
        return [
            Row(
                name: "MCP server, pipelined no-op calls", value: ours.rate, unit: "calls/s", better: .higher,
                target: "≥ 500,000", peerName: "official Python SDK", peer: python.rate),
            Row(
                name: "MCP server, resident memory after them", value: ours.megabytes, unit: "MB", better: .lower,
                target: "< 15", peerName: "official Python SDK", peer: python.megabytes),
        ]
    }

    private static func throughput(
        _ path: String, _ arguments: [String], calls: Int
    ) async throws -> (rate: Double, megabytes: Double) {
        let program = try Program(path, arguments, .connected)
        let connection = program.connection
        defer { close(connection) }
        let greeting = """
            {"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},\
            "clientInfo":{"name":"bench","version":"1"}}}

            """
        try await blocking { write(Array(greeting.utf8), connection) && readLines(1, connection) }
        // Not counted: what a program does once.
        try await exchange(connection, from: 1, calls: max(100, calls / 20))
        let start = ContinuousClock.now
        try await exchange(connection, from: 10_000_000, calls: calls)
        let elapsed = ContinuousClock.now - start
        let megabytes = program.residentMegabytes
        await program.end(SIGKILL)
        return (Double(calls) / elapsed.inSeconds, megabytes)
    }

    /// Writes all requests, while another thread reads the answers.
    private static func exchange(_ connection: CInt, from first: Int, calls: Int) async throws {
        var requests: [UInt8] =
            first == 1 ? Array(#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#.utf8) + [10] : []
        requests.reserveCapacity(calls * 110)
        for number in first..<first + calls {
            requests += "{\"jsonrpc\":\"2.0\",\"id\":\(number),\"method\":\"tools/call\",".utf8
            requests += #""params":{"name":"echo","arguments":{"text":"x"}}}"#.utf8
            requests.append(10)
        }
        try await withThrowingTaskGroup(of: Void.self) { [requests] group in
            group.addTask { try await blocking { write(requests, connection) } }
            group.addTask { try await blocking { readLines(calls, connection) } }
            try await group.waitForAll()
        }
    }

    /// On a thread of its own: nothing that runs tasks may block.
    private static func blocking(_ body: @escaping @Sendable () -> Bool) async throws {
        let succeeded = await withCheckedContinuation { continuation in
            DispatchQueue(label: "bench.blocking").async { continuation.resume(returning: body()) }
        }
        guard succeeded else { throw BenchError("the tool server closed its connection") }
    }

    private static func write(_ bytes: [UInt8], _ descriptor: CInt) -> Bool {
        bytes.withUnsafeBytes { buffer in
            var offset = 0
            while offset < buffer.count {
                let count = Glibc.write(descriptor, buffer.baseAddress?.advanced(by: offset), buffer.count - offset)
                guard count > 0 else { return false }
                offset += count
            }
            return true
        }
    }

    private static func readLines(_ wanted: Int, _ descriptor: CInt) -> Bool {
        var buffer = [UInt8](repeating: 0, count: 1 << 18)
        var seen = 0
        while seen < wanted {
            let count = read(descriptor, &buffer, buffer.count)
            guard count > 0 else { return false }
            seen += buffer.withUnsafeBytes { bytes in bytes.prefix(count).count { $0 == 10 } }
        }
        return true
    }
}
