internal import Model
internal import Synchronization

/// What the gateway remembers of its targets: their health, and which session is at home where. In memory alone: after a
/// restart everybody is asked anew.
final class TargetBoard: Sendable {
    private struct State {
        var breakers: [ModelTarget.ID: CircuitBreaker] = [:]
        var pins: [SessionID: TargetPin] = [:]
    }

    private let state = Mutex(State())

    func admit(_ target: ModelTarget.ID, now: Duration) -> Bool {
        state.withLock { $0.breakers[target, default: CircuitBreaker()].admit(now: now) }
    }

    /// The session stays where its prompt is warm now.
    func succeeded(_ target: ModelTarget.ID, session: SessionID, now: Duration) {
        state.withLock { state in
            state.breakers[target]?.succeeded()
            state.pins[session, default: TargetPin(target: target, since: now, lastUse: now)].use(target, now: now)
        }
    }

    /// It is there, although it did not give what it was asked for.
    func answered(_ target: ModelTarget.ID) {
        state.withLock { $0.breakers[target]?.succeeded() }
    }

    func failed(_ target: ModelTarget.ID, now: Duration, rest: Duration?) {
        state.withLock { $0.breakers[target]?.failed(now: now, rest: rest) }
    }

    func abandoned(_ target: ModelTarget.ID, now: Duration) {
        state.withLock { $0.breakers[target]?.abandoned(now: now) }
    }

    func ordered(_ targets: [ModelTarget], session: SessionID, now: Duration) -> [ModelTarget] {
        let pin = state.withLock { $0.pins[session] }
        return TargetPin.order(targets, pin: pin, now: now)
    }

    func forget(_ session: SessionID) {
        state.withLock { $0.pins[session] = nil }
    }

    func breaker(of target: ModelTarget.ID) -> CircuitBreaker {
        state.withLock { $0.breakers[target] ?? CircuitBreaker() }
    }
}
