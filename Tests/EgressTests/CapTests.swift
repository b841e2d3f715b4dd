import Egress
import Model
import NetworkRules
import Testing

@Suite(.timeLimit(.minutes(5))) struct CapTests {
    @Test func whatMayBeSentIsCappedForTheSessionAndSent() async throws {
        var limits = EgressLimits()
        let hello = Hello("host.test").bytes
        limits.bytesUp = Int64(hello.count) + 1000
        try await Stage.with(limits: limits) { stage in
            let (client, host) = try await stage.tunnel()
            try await client.send(hello)
            _ = try await host.receive(count: hello.count)
            try await client.send([UInt8](repeating: 1, count: 1000))
            _ = try await host.receive(count: 1000)
            try await client.send([1])
            #expect(try await host.receiveAll().isEmpty)
            let record = try await stage.judge.next()
            #expect(record.end?.contains("sent all it may") == true && record.bytesUp == Int64(hello.count) + 1000)
            // Another connection of the session, and one through another of its doors, is no way around.
            let answer = try await stage.answer(to: "CONNECT \(stage.at()) HTTP/1.1\r\nHost: \(stage.at())\r\n\r\n")
            #expect(answer.hasPrefix("HTTP/1.1 403 This session has sent all it may"))
            #expect(try await stage.judge.next().refusal?.contains("sent all it may") == true)
            await stage.proxy.close(stage.session)
            try await stage.proxy.open(door: stage.listen(at: stage.path + "-2"), for: stage.session)
            #expect(await stage.proxy.usage(of: stage.session)?.bytesUp == Int64(hello.count) + 1000)
        }
    }

    @Test func anUploadOverTheCapIsToldSo() async throws {
        var limits = EgressLimits()
        limits.bytesUp = 5000
        try await Stage.with(limits: limits) { stage in
            let client = try stage.connect()
            try await client.send(
                "POST http://\(stage.at())/ HTTP/1.1\r\nHost: \(stage.at())\r\nContent-Length: 100000\r\n\r\n")
            let host = try await stage.host.next()
            _ = try await host.receiveHead()
            try? await client.send([UInt8](repeating: 1, count: 100_000))
            #expect(try await client.receiveText().hasPrefix("HTTP/1.1 403 This session has sent all it may"))
            #expect(try await host.receiveAll().count < 5000)
        }
    }

    @Test func whatMayBeFetchedIsCapped() async throws {
        var limits = EgressLimits()
        limits.bytesDown = 1000
        try await Stage.with(limits: limits) { stage in
            let (client, host) = try await stage.tunnel()
            try await client.send(Hello("host.test").bytes)
            _ = try await host.receive()
            try await host.send([UInt8](repeating: 1, count: 1000))
            _ = try await client.receive(count: 1000)
            try await host.send([1])
            #expect(try await client.receiveAll().isEmpty)
            #expect(try await stage.judge.next().end?.contains("fetched all it may") == true)
        }
    }

    @Test func connectionsAtOnceAreCapped() async throws {
        var limits = EgressLimits()
        limits.connections = 3
        try await Stage.with(limits: limits) { stage in
            let open = [try await stage.tunnel(), try await stage.tunnel(), try await stage.tunnel()]
            #expect(try await stage.connect().receiveText().hasPrefix("HTTP/1.1 503 This session has 3 connections"))
            #expect(try await stage.judge.next().refusal?.contains("turned away") == true)
            #expect(await stage.proxy.usage(of: stage.session)?.connections == 3)
            open[0].client.vanish()
            _ = try await stage.judge.next()
            _ = try await open[0].host.receiveAll()
            // Its place is free as soon as it is gone.
            while await stage.proxy.usage(of: stage.session)?.connections == 3 { await Task.yield() }
            _ = try await stage.tunnel()
        }
    }

    @Test func connectionsOfAllSessionsAreCapped() async throws {
        var limits = EgressLimits()
        limits.allConnections = 2
        try await Stage.with(limits: limits) { stage in
            let open = [try await stage.tunnel(), try await stage.tunnel()]
            #expect(try await stage.connect().receiveAll().isEmpty)
            withExtendedLifetime(open) {}
        }
    }

    @Test func aFloodIsSlowedThenTurnedAway() async throws {
        var limits = EgressLimits()
        limits.connectionsPerSecond = 10
        limits.burst = 2
        limits.longestDelay = .milliseconds(250)
        try await Stage.with(limits: limits, decision: { _ in .refuse(reason: "no") }) { stage in
            let answers = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<12 {
                    group.addTask {
                        try await stage.answer(to: "GET http://host.test/ HTTP/1.1\r\nHost: host.test\r\n\r\n")
                    }
                }
                return try await group.reduce(into: []) { $0.append(String($1.prefix(12))) }
            }
            let (served, turnedAway) = (
                answers.filter { $0 == "HTTP/1.1 403" }, answers.filter { $0 == "HTTP/1.1 429" }
            )
            // Two at once and two that waited; a slow machine lets a few more in.
            #expect(served.count + turnedAway.count == 12 && served.count >= 4 && turnedAway.count >= 4)
            // A line for those turned away, not one each.
            #expect(stage.judge.recorded.count <= served.count + 3)
        }
    }

    @Test func whatStandsStillEnds() async throws {
        var limits = EgressLimits()
        limits.idle = .milliseconds(200)
        try await Stage.with(limits: limits) { stage in
            let (client, host) = try await stage.tunnel()
            try await client.send(Hello("host.test").bytes)
            _ = try await host.receive()
            #expect(try await client.receiveAll().isEmpty)
            #expect(try await host.receiveAll().isEmpty)
            #expect(try await stage.judge.next().end?.contains("nothing passed") == true)
            let asker = try stage.connect()
            try await asker.send("GET http://\(stage.at())/ HTTP/1.1\r\nHost: \(stage.at())\r\n\r\n")
            let silent = try await stage.host.next()
            _ = try await silent.receiveHead()
            #expect(try await asker.receiveText().hasPrefix("HTTP/1.1 502 nothing passed"))
        }
    }

    @Test func nothingLastsForEver() async throws {
        var limits = EgressLimits()
        limits.total = .milliseconds(400)
        limits.idle = .milliseconds(300)
        try await Stage.with(limits: limits) { stage in
            let (client, host) = try await stage.tunnel()
            try await client.send(Hello("host.test").bytes)
            _ = try await host.receive()
            let drip = Task { while true { try await client.send([0]); try await Task.sleep(for: .milliseconds(20)) } }
            defer { drip.cancel() }
            #expect(try await client.receiveAll().isEmpty)
            #expect(try await stage.judge.next().end?.contains("lasted longer") == true)
        }
    }

    @Test func aNameThatIsNotResolvedInTimeIsNotReached() async throws {
        let reach = EgressReach(resolver: SilentResolver(), deadline: .milliseconds(100))
        let error = await #expect(throws: EgressError.self) {
            try await reach.checkedAddresses(of: "x.example.org".asHost, for: SessionID(trusted: "session"))
        }
        #expect(error?.code == .resolve && error?.description.contains("in time") == true)
    }
}
