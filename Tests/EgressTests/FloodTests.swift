import Glibc
import Model
import NIOPosix
import Synchronization
import Testing

@testable import Egress

/// A sandbox that connects in a loop: what it costs has a bound, and none of it is others' to pay.
@Suite(.timeLimit(.minutes(5))) struct FloodTests {
    /// What a door handed on, and how often it woke whoever tells of the rest.
    private final class Log: Sendable {
        private let state = Mutex<(held: [ConnectionPlace], accepted: Int, woken: Int)>(([], 0, 0))

        var accepted: Int { state.withLock { $0.accepted } }
        var woken: Int { state.withLock { $0.woken } }

        func accept(_ place: ConnectionPlace) {
            state.withLock { state in
                state.held.append(place)
                state.accepted += 1
            }
        }

        func wake() { state.withLock { $0.woken += 1 } }

        /// As when all were served.
        func letGo() {
            let served = state.withLock { state in
                defer { state.held = [] }
                return state.held
            }
            withExtendedLifetime(served) {}
        }
    }

    /// A door by itself, without a proxy behind it.
    private struct Door {
        let door: EgressDoor
        let meter: SessionMeter
        let log = Log()
        let path = "/tmp/bulkhead-flood-\(UInt64.random(in: 0...UInt64.max))"

        init(_ limits: EgressLimits) async throws {
            meter = SessionMeter(limits: limits, now: .now)
            let log = log
            door = EgressDoor(
                session: SessionID(trusted: "session"), name: .workspace, reach: EgressReach(), meter: meter,
                total: ConnectionCount(maximum: limits.allConnections), limits: limits, expectedUser: nil,
                accepted: { _, _, place in log.accept(place) }, turnedAway: { _ in log.wake() })
            let listening = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
            guard UnixPath.with(path, { bind(listening, $0, $1) }) == 0, listen(listening, 128) == 0 else {
                throw Peer.Failure(what: "listen: \(errno)")
            }
            try await door.listen(on: listening, group: MultiThreadedEventLoopGroup.singleton)
        }

        /// Connects and is gone, so often; returns when the door has seen the last.
        func knock(_ times: Int) async throws {
            for _ in 0..<times - 1 { _ = try Peer(unix: path) }
            _ = try await Peer(unix: path).receiveAll()
        }

        func close() async {
            await door.close()
            unlink(path)
        }
    }

    @Test func thousandsThatAreTurnedAwayAreOneEventAndAllCounted() async throws {
        var limits = EgressLimits()
        limits.connections = 4
        let door = try await Door(limits)
        let open = try (0..<4).map { _ in try Peer(unix: door.path) }
        while door.log.accepted < 4 { await Task.yield() }
        try await door.knock(3000)
        #expect(door.log.accepted == 4 && door.log.woken == 1)
        var counted = 0
        while counted < 3000 { counted += door.meter.takeTurnedAway() ?? 0 }
        #expect(counted == 3000)
        withExtendedLifetime(open) {}
        await door.close()
    }

    /// Its connections are gone, and what is under way for them is not: they keep their places until it is.
    @Test func whoComesAndGoesHasNoMoreUnderWayThanItCouldHaveOpen() async throws {
        var limits = EgressLimits()
        limits.connections = 4
        let door = try await Door(limits)
        for _ in 0..<4 { _ = try Peer(unix: door.path) }
        while door.log.accepted < 4 { await Task.yield() }
        try await door.knock(2000)
        #expect(door.log.accepted == 4 && door.meter.usage.connections == 4)
        door.log.letGo()
        while door.meter.usage.connections > 0 { await Task.yield() }
        let next = try Peer(unix: door.path)
        while door.log.accepted < 5 { await Task.yield() }
        withExtendedLifetime(next) {}
        await door.close()
    }

    /// The whole proxy, flooded for three seconds and by at least two thousand.
    @Test func aFloodLeavesARowASecondThatSaysHowMany() async throws {
        var limits = EgressLimits()
        limits.connections = 2
        try await Stage.with(limits: limits) { stage in
            let open = [try await stage.tunnel(), try await stage.tunnel()]
            let start = ContinuousClock.now
            var sent = 0
            while sent < 2000 || ContinuousClock.now - start < .seconds(3) {
                for _ in 0..<50 { _ = try stage.connect() }
                sent += 50
                try await Task.sleep(for: .milliseconds(20))
            }
            _ = try await stage.connect().receiveAll()
            sent += 1
            var rows = 0
            var told = 0
            while told < sent {
                let row = try await stage.judge.next()
                rows += 1
                let count = try #require(row.refusal?.split(separator: " ").first)
                told += count == "A" ? 1 : try #require(Int(count))
            }
            let seconds = Int((ContinuousClock.now - start).components.seconds)
            #expect(told == sent && rows <= seconds + 2, "\(rows) rows in \(seconds) s")
            withExtendedLifetime(open) {}
        }
    }

    @Test func aSessionAtItsLimitTakesNoPlaceFromOthers() async throws {
        var limits = EgressLimits()
        limits.connections = 2
        limits.allConnections = 3
        try await Stage.with(limits: limits) { stage in
            let open = [try await stage.tunnel(), try await stage.tunnel()]
            // These are told so, and stay.
            let refused = try (0..<6).map { _ in try stage.connect() }
            for peer in refused { #expect(try await peer.receiveHead().hasPrefix("HTTP/1.1 503 ")) }
            let path = stage.path + "-other"
            try await stage.proxy.open(door: stage.listen(at: path), for: SessionID(trusted: "other"))
            let other = try Peer(unix: path)
            try await other.send("CONNECT \(stage.at()) HTTP/1.1\r\nHost: \(stage.at())\r\n\r\n")
            #expect(try await other.receiveHead().hasPrefix("HTTP/1.1 200 "))
            withExtendedLifetime((open, refused)) {}
        }
    }
}
