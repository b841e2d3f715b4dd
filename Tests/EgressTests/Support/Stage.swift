import Egress
import Glibc
import Model
import NetworkRules

/// A proxy with one door, whoever decides for it, and a host of the test's own, `host.test` and `other.test` by name.
struct Stage: Sendable {
    let proxy: EgressProxy
    let judge: Judge
    let host: LoopbackHost
    let resolver: ScriptedResolver
    let session = SessionID(trusted: "session")
    let path: String

    static func with(
        limits: EgressLimits = EgressLimits(), resolver: ScriptedResolver = ScriptedResolver([]),
        decision: @escaping Judge.Decision = { _ in Judge.allowed }, _ body: @Sendable (Stage) async throws -> Void
    ) async throws {
        let judge = Judge(decision)
        let loopback = IPAddress(127, 0, 0, 1)
        var names: [HostName: IPAddress] = [:]
        for name in ["host.test", "other.test"] { names[try name.asHost] = loopback }
        let reach = EgressReach(resolver: resolver, standIns: try StandIns(names), deadline: limits.resolveDeadline)
        let proxy = EgressProxy(authority: judge, limits: limits, reach: reach)
        let stage = Stage(
            proxy: proxy, judge: judge, host: try LoopbackHost(), resolver: resolver,
            path: "/tmp/bulkhead-egress-\(UInt64.random(in: 0...UInt64.max))")
        defer { unlink(stage.path) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await proxy.run() }
            defer { group.cancelAll() }
            try await proxy.open(door: stage.listen(), for: stage.session)
            try await body(stage)
        }
    }

    /// A listening socket as a broker would hand it over.
    func listen(at path: String? = nil) throws -> CInt {
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard UnixPath.with(path ?? self.path, { bind(descriptor, $0, $1) }) == 0, Glibc.listen(descriptor, 128) == 0
        else { throw Peer.Failure(what: "listen: \(errno)") }
        return descriptor
    }

    func connect() throws -> Peer { try Peer(unix: path) }

    /// Where the test's host is, by name.
    func at(_ name: String = "host.test") -> String { "\(name):\(host.port)" }

    /// A client whose CONNECT was answered with 200, and the host's side.
    func tunnel(to name: String = "host.test") async throws -> (client: Peer, host: Peer) {
        let client = try connect()
        try await client.send("CONNECT \(at(name)) HTTP/1.1\r\nHost: \(at(name))\r\n\r\n")
        let served = try await host.next()
        let answer = try await client.receiveHead()
        guard answer == "HTTP/1.1 200 Connection established\r\n\r\n" else { throw Peer.Failure(what: answer) }
        return (client, served)
    }

    /// The answer to a request that is sent on a connection of its own, to its end.
    func answer(to request: String) async throws -> String {
        let client = try connect()
        try await client.send(request)
        return try await client.receiveText()
    }
}

extension String {
    var asHost: HostName {
        get throws {
            guard let host = HostName(self) else { throw Peer.Failure(what: "no host: \(self)") }
            return host
        }
    }
}
