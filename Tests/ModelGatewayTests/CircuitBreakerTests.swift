import Testing

@testable import ModelGateway

@Suite struct CircuitBreakerTests {
    private static func opened(at now: Duration = .zero) -> CircuitBreaker {
        var breaker = CircuitBreaker()
        for _ in 0..<CircuitBreaker.patience { breaker.failed(now: now) }
        return breaker
    }

    @Test func opensAfterSoManyFailuresInARow() {
        var breaker = CircuitBreaker()
        for _ in 1..<CircuitBreaker.patience {
            breaker.failed(now: .zero)
            #expect(breaker.admit(now: .zero) == true)
        }
        breaker.succeeded()
        for _ in 1..<CircuitBreaker.patience { breaker.failed(now: .zero) }
        #expect(breaker.admit(now: .zero) == true)
        breaker.failed(now: .zero)
        #expect(breaker.admit(now: .zero) == false)
        #expect(breaker.wait(now: .seconds(5)) == .seconds(10))
    }

    @Test func oneCallTriesAndDecides() {
        var breaker = Self.opened()
        #expect(breaker.admit(now: .seconds(14)) == false)
        #expect(breaker.admit(now: .seconds(15)) == true)
        #expect(breaker.admit(now: .seconds(15)) == false)
        #expect(breaker.admit(now: .seconds(100)) == false)
        breaker.succeeded()
        let both = [breaker.admit(now: .seconds(100)), breaker.admit(now: .seconds(100))]
        #expect(both == [true, true])
    }

    @Test func restsDoubleUpToABound() {
        var breaker = Self.opened()
        var now = Duration.zero
        var rests: [Duration] = []
        for _ in 0..<8 {
            let wait = breaker.wait(now: now) ?? .zero
            rests.append(wait)
            now += wait
            #expect(breaker.admit(now: now) == true)
            breaker.failed(now: now)
        }
        #expect(rests == [15, 30, 60, 120, 240, 300, 300, 300].map { .seconds($0) })
    }

    @Test func whatTheTargetAsksForCountsWithinTheBound() {
        for (asked, rest) in [(5, 15), (90, 90), (9000, 300)] {
            var breaker = CircuitBreaker()
            for _ in 0..<CircuitBreaker.patience { breaker.failed(now: .zero, rest: .seconds(asked)) }
            #expect(breaker.wait(now: .zero) == .seconds(rest))
        }
    }

    @Test func aTryThatShowsNothingIsMadeAnew() {
        var breaker = Self.opened()
        #expect(breaker.admit(now: .seconds(20)) == true)
        breaker.abandoned(now: .seconds(21))
        #expect(breaker.admit(now: .seconds(21)) == true)
        // Nobody ever said what became of that one.
        #expect(breaker.admit(now: .seconds(22)) == false)
        #expect(breaker.admit(now: .seconds(21) + CircuitBreaker.trial) == true)
    }

    @Test func failuresFromBeforeItOpenedDoNotProlongIt() {
        var breaker = Self.opened()
        for _ in 0..<100 { breaker.failed(now: .seconds(10)) }
        #expect(breaker.admit(now: .seconds(15)) == true)
    }

    /// Whatever happens: while it is not closed no two calls are at it at once, and it never waits for longer than the bound.
    @Test func neverMoreThanOneTriesAndItAlwaysComesBack() {
        var random = SplitMix(state: 3)
        for _ in 0..<500 {
            var breaker = CircuitBreaker()
            var now = Duration.zero
            var trying: Duration?
            for _ in 0..<200 {
                now += .seconds(random.below(40))
                let wasClosed = if case .closed = breaker.state { true } else { false }
                switch random.below(4) {
                case 0:
                    let admitted = breaker.admit(now: now)
                    if wasClosed {
                        #expect(admitted)
                    } else if admitted {
                        if let trying { #expect(now >= trying + CircuitBreaker.trial) }
                        trying = now
                    }
                case 1:
                    breaker.succeeded()
                    trying = nil
                case 2:
                    breaker.failed(now: now, rest: .seconds(random.below(1000)))
                    if case .open = breaker.state { trying = nil }
                default:
                    if trying != nil { breaker.abandoned(now: now) }
                    trying = nil
                }
                #expect((breaker.wait(now: now) ?? .zero) <= CircuitBreaker.longestRest)
            }
        }
    }
}

@Suite struct TargetPinTests {
    private static let targets = ["a", "b", "c"].map { ModelTarget(provider: $0, model: "m") }

    private func order(_ pin: TargetPin?, now: Duration) -> [String] {
        TargetPin.order(Self.targets, pin: pin, now: now).map(\.provider)
    }

    @Test func homeComesFirstWhileItIsWarm() {
        var pin = TargetPin(target: Self.targets[1].id, since: .zero, lastUse: .zero)
        #expect(order(nil, now: .zero) == ["a", "b", "c"])
        #expect(order(pin, now: .seconds(299)) == ["b", "a", "c"])
        #expect(order(pin, now: .seconds(300)) == ["a", "b", "c"])
        pin.use(Self.targets[1].id, now: .seconds(299))
        #expect(order(pin, now: .seconds(500)) == ["b", "a", "c"])
    }

    @Test func aSessionThatNeverPausesComesBackTooAtLast() {
        var pin = TargetPin(target: Self.targets[2].id, since: .zero, lastUse: .zero)
        var now = Duration.zero
        while order(pin, now: now).first == "c", now < .seconds(7200) {
            pin.use(Self.targets[2].id, now: now)
            now += .seconds(60)
        }
        #expect(now == TargetPin.longest)
        pin.use(Self.targets[0].id, now: now)
        #expect(order(pin, now: now).first == "a")
    }

    @Test func ofATargetThatIsGoneNothingIsKept() {
        let pin = TargetPin(target: .init(provider: "gone", model: "m"), since: .zero, lastUse: .zero)
        #expect(order(pin, now: .zero) == ["a", "b", "c"])
    }
}
