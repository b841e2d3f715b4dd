import NetworkRules
import Testing

@testable import Egress

@Suite struct SessionMeterTests {
    private let start = ContinuousClock.now

    private func meter(_ change: (inout EgressLimits) -> Void = { _ in }) -> SessionMeter {
        var limits = EgressLimits()
        limits.connectionsPerSecond = 10
        limits.burst = 2
        limits.longestDelay = .milliseconds(150)
        change(&limits)
        return SessionMeter(limits: limits, now: start)
    }

    @Test func whatComesTooFastWaitsAndIsThenTurnedAway() {
        let meter = meter()
        let admissions = (0..<4).map { _ in meter.admit(now: start) }
        #expect(admissions == [.after(.zero), .after(.zero), .after(.milliseconds(100)), .turnedAway])
        #expect(meter.admit(now: start + .milliseconds(100)) == .after(.milliseconds(100)))
        #expect(meter.admit(now: start + .seconds(10)) == .after(.zero))
        #expect(meter.usage.admitted == 5)
    }

    @Test func theRateHoldsOverTime() {
        let meter = meter { $0.longestDelay = .zero }
        let admitted = (0..<1000).count { meter.admit(now: start + .milliseconds($0 * 10)) == .after(.zero) }
        // Ten seconds of ten, and the two it began with.
        #expect((98...103).contains(admitted))
    }

    @Test func aClockSetBackGivesNothing() {
        let meter = meter { $0.longestDelay = .zero }
        _ = (0..<2).map { _ in meter.admit(now: start) }
        #expect(meter.admit(now: start - .seconds(100)) == .turnedAway)
    }

    @Test func bytesAreCountedToTheLast() {
        let meter = meter { $0.bytesUp = 10 }
        #expect(meter.take(10, isUp: true) == nil && !meter.usage.bytesUp.isMultiple(of: 3))
        #expect(meter.take(0, isUp: true) == nil)
        #expect(meter.take(1, isUp: true) != nil && meter.isSpent)
        #expect(meter.take(1, isUp: false) == nil)
        // What does not fit spends the rest: nothing smaller slips in after it.
        let other = self.meter { $0.bytesUp = 10 }
        #expect(other.take(11, isUp: true) != nil && other.take(1, isUp: true) != nil)
        #expect(other.take(.max, isUp: true) != nil)
    }

    @Test func aFloodWakesWhoeverTellsOfItOnce() {
        let meter = meter()
        #expect(meter.turnAway())
        for _ in 0..<50 { #expect(!meter.turnAway()) }
        #expect(meter.takeTurnedAway() == 51)
        // Who tells is still about it.
        #expect(!meter.turnAway())
        #expect(meter.takeTurnedAway() == 1 && meter.takeTurnedAway() == nil)
        // And now is not.
        #expect(meter.turnAway())
        #expect(meter.untold() == 1 && meter.untold() == 0)
    }

    @Test func thisMachinesAddressesAreItsOwn() {
        #expect(LocalAddresses.contains(IPAddress(127, 0, 0, 1)))
        #expect(!LocalAddresses.contains(IPAddress(8, 8, 8, 8)))
    }
}
