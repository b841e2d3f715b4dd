import Dispatch
import Egress
import Glibc
import Model
import NetworkRules

/// The egress proxy between a client on a Unix socket and a host on loopback, both in this process, beside the same without
/// the proxy. Who decides is at hand: what a store costs is in the gate's rows.
enum EgressRows {
    private struct Everything: EgressAuthority {
        func decide(_ request: EgressRequest) async throws -> EgressVerdict {
            .allow(rule: "bench", allowsUnnamedTLS: true)
        }
        func record(_ connection: EgressConnection) async {}
    }

    private static let amount = 4 << 30
    private static let session = SessionID(trusted: "bench")

    static func measure(_ options: Options) async throws -> [Row] {
        let host = try Host()
        let path = try options.directory("egress") + "/door"
        var limits = EgressLimits()
        limits.bytesDown = .max / 2
        limits.bytesUp = .max / 2
        limits.connectionsPerSecond = 1_000_000
        limits.burst = 1_000_000
        guard let name = HostName("host.test") else { throw BenchError("no name") }
        let reach = EgressReach(standIns: try StandIns([name: IPAddress(127, 0, 0, 1)]))
        let proxy = EgressProxy(authority: Everything(), limits: limits, reach: reach)
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await proxy.run() }
            defer { group.cancelAll() }
            try await proxy.open(door: Sockets.listenUnix(path), for: session)
            let request = Array("CONNECT host.test:\(host.port) HTTP/1.1\r\nHost: host.test:\(host.port)\r\n\r\n".utf8)
            let tunnel = { @Sendable in
                let socket = try Sockets.connectUnix(path)
                try Sockets.write(request, socket)
                try Sockets.readHead(socket)
                return socket
            }
            let direct = { @Sendable in try Sockets.connect(port: host.port) }
            let rows = try await [
                Row(
                    name: "egress proxy, bytes through a tunnel", value: throughput(tunnel), unit: "MB/s",
                    better: .higher,
                    target: "≥ 1,000", peerName: "the same without a proxy", peer: throughput(direct)),
                Row(
                    name: "egress proxy, a tunnel opened (p50)", value: opened(tunnel), unit: "ms", better: .lower,
                    target: "≤ 2", peerName: "TCP connect on loopback", peer: opened(direct)),
            ]
            return rows
        }
    }

    /// Asks the host for a lot, once, and reads it.
    private static func throughput(_ connect: @escaping @Sendable () throws -> CInt) async throws -> Double {
        try await blocking {
            let socket = try connect()
            defer { close(socket) }
            try Sockets.write([1], socket)
            var buffer = [UInt8](repeating: 0, count: 1 << 20)
            let start = ContinuousClock.now
            var received = 0
            while received < amount {
                let count = read(socket, &buffer, buffer.count)
                guard count > 0 else { throw BenchError("the tunnel ended after \(received) bytes") }
                received += count
            }
            return Double(received) / 1e6 / (ContinuousClock.now - start).inSeconds
        }
    }

    private static func opened(_ connect: @escaping @Sendable () throws -> CInt) async throws -> Double {
        let samples = try await blocking {
            var samples = Samples()
            for round in 0..<1100 {
                let start = ContinuousClock.now
                let socket = try connect()
                if round >= 100 { samples.add(ContinuousClock.now - start) }
                close(socket)
            }
            return samples
        }
        return samples.p50
    }

    /// On a thread of its own: nothing that runs tasks may block.
    private static func blocking<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value
    {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue(label: "bench.egress").async { continuation.resume(with: Result { try body() }) }
        }
    }

    /// Sends `amount` bytes to whoever says something.
    private final class Host: Sendable {
        let port: UInt16

        init() throws {
            let listening = try Sockets.listen()
            port = listening.port
            DispatchQueue(label: "bench.host").async {
                while case let socket = accept(listening.descriptor, nil, nil), socket >= 0 {
                    DispatchQueue(label: "bench.sender").async {
                        defer { close(socket) }
                        var word: UInt8 = 0
                        guard read(socket, &word, 1) == 1 else { return }
                        let block = [UInt8](repeating: 0x61, count: 1 << 20)
                        for _ in 0..<(amount >> 20) {
                            guard (try? Sockets.write(block, socket)) != nil else { return }
                        }
                    }
                }
            }
        }
    }
}
