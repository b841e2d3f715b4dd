import NIOCore
import NIOEmbedded
import Testing

@testable import Egress

/// The relay by itself, on a loop whose time is the test's.
@Suite struct RelayTests {
    /// Of two timers that are due at once the first may end the relay, and the second runs all the same.
    @Test func aTimerThatIsDueInTheMomentItEndsDoesNothing() throws {
        let loop = EmbeddedEventLoop()
        let (client, host) = (EmbeddedChannel(loop: loop), EmbeddedChannel(loop: loop))
        let legs = [client, host].map { Leg($0) }
        for (channel, leg) in zip([client, host], legs) { try channel.pipeline.syncOperations.addHandler(leg) }
        var limits = EgressLimits()
        limits.idle = .seconds(1)
        limits.total = .seconds(1)
        let meter = SessionMeter(limits: limits, now: .now)
        let relay = Relay(client: legs[0], host: legs[1], request: nil, meter: meter, limits: limits)
        _ = relay.startUp()
        relay.startDown()
        loop.advanceTime(by: .milliseconds(500))
        // Something passes, so that the idle timer would be set anew.
        try client.writeInbound(ByteBuffer(string: "x"))
        loop.advanceTime(by: .milliseconds(500))
        loop.advanceTime(by: .seconds(5))
        let end = try relay.end.wait()
        guard case .cut(let reason) = end.cause else { return #expect(Bool(false), "\(end)") }
        #expect(reason.contains("lasted longer") && end.bytesUp == 1)
    }
}
