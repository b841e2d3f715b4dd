import Egress
import Glibc
import Model
import NetworkRules
import Testing

@Suite(.timeLimit(.minutes(5))) struct LifeTests {
    @Test func whatIsUnderWayIsRecordedWhenItStops() async throws {
        let judge = Judge { _ in Judge.allowed }
        let loopback = IPAddress(127, 0, 0, 1)
        let proxy = EgressProxy(
            authority: judge, reach: EgressReach(standIns: try StandIns([try "host.test".asHost: loopback])))
        let stage = Stage(
            proxy: proxy, judge: judge, host: try LoopbackHost(), resolver: ScriptedResolver([]),
            path: "/tmp/bulkhead-egress-\(UInt64.random(in: 0...UInt64.max))")
        defer { unlink(stage.path) }
        let running = Task { await proxy.run() }
        try await proxy.open(door: stage.listen(), for: stage.session)
        let (client, host) = try await stage.tunnel()
        let asker = try stage.connect()
        try await asker.send("GET http://\(stage.at())/ HTTP/1.1\r\nHost: \(stage.at())\r\n\r\n")
        let asked = try await stage.host.next()
        _ = try await asked.receiveHead()
        running.cancel()
        await running.value
        // Both, once, and before it says that it is over.
        #expect(judge.recorded.count == 2 && judge.recorded.allSatisfy { $0.end != nil && $0.refusal == nil })
        for peer in [client, host, asker, asked] { #expect(try await peer.receiveAll().isEmpty) }
        #expect(throws: Peer.Failure.self) { try stage.connect() }
        await #expect(throws: EgressError.self) {
            try await proxy.open(door: stage.listen(at: stage.path + "-2"), for: stage.session)
        }
    }

    @Test func aSessionHasOneDoorOfAName() async throws {
        try await Stage.with { stage in
            let second = try stage.listen(at: stage.path + "-2")
            await #expect(throws: EgressError.self) { try await stage.proxy.open(door: second, for: stage.session) }
            // It was the proxy's to close.
            #expect(fcntl(second, F_GETFD) == -1)
            _ = try await stage.tunnel()
        }
    }

    @Test func anotherUsersConnectionsAreClosed() async throws {
        try await Stage.with { stage in
            let path = stage.path + "-3"
            try await stage.proxy.open(
                door: stage.listen(at: path), for: SessionID(trusted: "other"), expectedUser: getuid() + 1)
            let client = try Peer(unix: path)
            #expect(try await client.receiveAll().isEmpty)
            let right = path + "-4"
            try await stage.proxy.open(
                door: stage.listen(at: right), for: SessionID(trusted: "third"), expectedUser: getuid())
            let ours = try Peer(unix: right)
            try await ours.send("x\r\n\r\n")
            #expect(try await ours.receiveText().hasPrefix("HTTP/1.1 400 "))
        }
    }

    @Test func sessionsDoNotShareWhatTheyMay() async throws {
        var limits = EgressLimits()
        limits.connections = 1
        try await Stage.with(limits: limits) { stage in
            _ = try await stage.tunnel()
            let path = stage.path + "-5"
            try await stage.proxy.open(door: stage.listen(at: path), for: SessionID(trusted: "other"))
            let other = try Peer(unix: path)
            try await other.send("CONNECT \(stage.at()) HTTP/1.1\r\nHost: \(stage.at())\r\n\r\n")
            #expect(try await other.receiveHead().hasPrefix("HTTP/1.1 200 "))
            #expect(stage.judge.asked.map(\.session.rawValue) == ["session", "other"])
        }
    }

    @Test func aDoorMayHaveAReachOfItsOwn() async throws {
        try await Stage.with { stage in
            let path = stage.path + "-6"
            let reach = EgressReach(
                resolver: ScriptedResolver([]),
                standIns: try StandIns([try "drill.invalid".asHost: IPAddress(127, 0, 0, 1)]))
            try await stage.proxy.open(door: stage.listen(at: path), for: SessionID(trusted: "drill"), reach: reach)
            let drill = try Peer(unix: path)
            try await drill.send(
                "CONNECT \(stage.at("drill.invalid")) HTTP/1.1\r\nHost: \(stage.at("drill.invalid"))\r\n\r\n")
            #expect(try await drill.receiveHead().hasPrefix("HTTP/1.1 200 "))
            // Nobody else's.
            let answer = try await stage.answer(
                to: "CONNECT \(stage.at("drill.invalid")) HTTP/1.1\r\nHost: \(stage.at("drill.invalid"))\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 502 "))
        }
    }
}
