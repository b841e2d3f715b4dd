import Egress
import Model
import NetworkRules
import Testing

@Suite(.timeLimit(.minutes(5))) struct RevocationTests {
    @Test func aLiveTunnelEndsWithWhatAllowedIt() async throws {
        try await Stage.with { stage in
            let (client, host) = try await stage.tunnel()
            let (other, otherHost) = try await stage.tunnel(to: "other.test")
            for (peer, name) in [(client, "host.test"), (other, "other.test")] {
                try await peer.send(Hello(name).bytes)
            }
            _ = try await host.receive()
            _ = try await otherHost.receive()
            stage.judge.from {
                $0.target.host.description == "other.test" ? Judge.allowed : .refuse(reason: "taken back")
            }
            await stage.proxy.recheck()
            #expect(try await client.receiveAll().isEmpty)
            #expect(try await host.receiveAll().isEmpty)
            #expect(try await stage.judge.next().end == "revoked: taken back")
            // The other goes on.
            try await otherHost.send("still")
            #expect(try await other.receive(count: 5) == Array("still".utf8))
        }
    }

    @Test(arguments: [true, false])
    func whatCannotBeDecidedAgainEnds(_ throwsError: Bool) async throws {
        var limits = EgressLimits()
        limits.recheckDeadline = .milliseconds(100)
        try await Stage.with(limits: limits) { stage in
            let (client, _) = try await stage.tunnel()
            stage.judge.from { _ in
                if throwsError { throw Judge.Broken() }
                try await Task.sleep(for: .seconds(3600))
                return Judge.allowed
            }
            await stage.proxy.recheck(stage.session)
            #expect(try await client.receiveAll().isEmpty)
            #expect(try await stage.judge.next().end?.hasPrefix("revoked") == true)
        }
    }

    @Test func aRequestUnderWayEndsToo() async throws {
        try await Stage.with { stage in
            let client = try stage.connect()
            try await client.send("GET http://\(stage.at())/ HTTP/1.1\r\nHost: \(stage.at())\r\n\r\n")
            let host = try await stage.host.next()
            _ = try await host.receiveHead()
            stage.judge.from { _ in .refuse(reason: "no more") }
            await stage.proxy.recheck()
            #expect(try await client.receiveAll().isEmpty)
            #expect(try await host.receiveAll().isEmpty)
            #expect(try await stage.judge.next().end == "revoked: no more")
        }
    }

    /// It was asked before the change, and the answer came after.
    @Test func oneThatIsBeingDecidedOnIsNotMissed() async throws {
        let (gate, open) = AsyncStream<Void>.makeStream()
        let (asked, tell) = AsyncStream<Void>.makeStream()
        try await Stage.with(decision: { _ in
            tell.yield()
            for await _ in gate { break }
            return Judge.allowed
        }) { stage in
            let client = try stage.connect()
            try await client.send("CONNECT \(stage.at()) HTTP/1.1\r\nHost: \(stage.at())\r\n\r\n")
            for await _ in asked { break }
            stage.judge.from { _ in .refuse(reason: "too late") }
            await stage.proxy.recheck()
            open.yield()
            #expect(try await client.receiveAll().isEmpty)
            #expect(try await stage.judge.next().end == "revoked: too late")
        }
    }

    @Test func anUnnamedTunnelEndsWhenNamesAreAskedFor() async throws {
        try await Stage.with(decision: { _ in Judge.allowedUnnamed }) { stage in
            let (client, host) = try await stage.tunnel()
            try await client.send("SSH-2.0-x\r\n")
            _ = try await host.receive()
            stage.judge.from { _ in Judge.allowed }
            await stage.proxy.recheck()
            #expect(try await client.receiveAll().isEmpty)
            #expect(try await stage.judge.next().end?.contains("name its host") == true)
        }
    }

    /// A session may have 64 connections, and this is asked every second.
    @Test func aSessionIsAskedAboutOnceHoweverManyConnectionsItHas() async throws {
        try await Stage.with { stage in
            let path = stage.path + "-other"
            try await stage.proxy.open(door: stage.listen(at: path), for: SessionID(trusted: "other"))
            var kept: [Peer] = []
            for _ in 0..<5 {
                let (client, host) = try await stage.tunnel()
                kept += [client, host]
            }
            let other = try Peer(unix: path)
            try await other.send("CONNECT \(stage.at()) HTTP/1.1\r\nHost: \(stage.at())\r\n\r\n")
            _ = try await other.receiveHead()
            await stage.proxy.recheck()
            let asked = stage.judge.askedAgain
            #expect(asked.map(\.count).sorted() == [1, 5])
            #expect(asked.allSatisfy { Set($0.map(\.session)).count == 1 })
            withExtendedLifetime(kept) {}
        }
    }

    /// Fewer verdicts than questions are none.
    @Test func aVerdictThatIsMissingEndsAll() async throws {
        try await Stage.with { stage in
            let tunnels = [try await stage.tunnel(), try await stage.tunnel()]
            // Past the wait for a hello, which would end them by itself.
            for (client, host) in tunnels {
                try await client.send(Hello("host.test").bytes)
                _ = try await host.receive()
            }
            stage.judge.forgetsOne()
            await stage.proxy.recheck()
            for (client, _) in tunnels { #expect(try await client.receiveAll().isEmpty) }
        }
    }

    @Test func anotherSessionsAreNotAskedAbout() async throws {
        try await Stage.with { stage in
            let (client, host) = try await stage.tunnel()
            try await client.send(Hello("host.test").bytes)
            _ = try await host.receive()
            stage.judge.from { _ in .refuse(reason: "no") }
            await stage.proxy.recheck(SessionID(trusted: "another"))
            try await host.send("still")
            #expect(try await client.receive(count: 5) == Array("still".utf8))
        }
    }

    @Test func aClosedDoorEndsWhatWentThroughIt() async throws {
        try await Stage.with { stage in
            let path = stage.path + "-errand"
            let errand = EgressDoorName("errand")
            try await stage.proxy.open(door: stage.listen(at: path), for: stage.session, name: errand)
            let (client, host) = try await stage.tunnel()
            let apart = try Peer(unix: path)
            try await apart.send("CONNECT \(stage.at()) HTTP/1.1\r\nHost: \(stage.at())\r\n\r\n")
            let apartHost = try await stage.host.next()
            _ = try await apart.receiveHead()
            #expect(stage.judge.asked.map(\.door) == [.workspace, errand])
            await stage.proxy.close(stage.session, name: errand)
            #expect(try await apart.receiveAll().isEmpty)
            #expect(try await apartHost.receiveAll().isEmpty)
            #expect(throws: Peer.Failure.self) { try Peer(unix: path) }
            let record = try await stage.judge.next()
            #expect(record.door == errand && record.end == "the door was closed")
            try await client.send(Hello("host.test").bytes)
            #expect(try await host.receive(count: Hello("host.test").bytes.count) == Hello("host.test").bytes)
            await stage.proxy.end(stage.session)
            #expect(try await host.receiveAll().isEmpty)
            #expect(throws: Peer.Failure.self) { try stage.connect() }
            #expect(await stage.proxy.usage(of: stage.session) == nil)
            #expect(try await stage.judge.next().end == "the door was closed")
            // It may be opened again.
            try await stage.proxy.open(door: stage.listen(at: path + "-2"), for: stage.session)
        }
    }
}
