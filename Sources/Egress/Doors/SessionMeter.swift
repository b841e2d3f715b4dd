internal import Synchronization

/// What one session has used of the door, whichever of its connections it used it with.
final class SessionMeter: Sendable {
    enum Admission: Hashable {
        case after(Duration)
        /// Too many too fast.
        case turnedAway
        case refused(String)
    }

    private struct State {
        var usage = EgressUsage()
        /// Of the rate: may fall below zero by those who wait.
        var tokens: Double
        var refilled: ContinuousClock.Instant
        /// Connections turned away since they were last recorded.
        var turnedAway = 0
        /// Somebody was woken to tell of them, and has not found that there are no more.
        var isTelling = false
    }

    private let limits: EgressLimits
    private let state: Mutex<State>

    init(limits: EgressLimits, now: ContinuousClock.Instant) {
        self.limits = limits
        state = Mutex(State(tokens: Double(limits.burst), refilled: now))
    }

    var usage: EgressUsage { state.withLock(\.usage) }

    /// `false` where the session has as many connections as it may. Each `true` is to be followed by `leave`.
    func enter() -> Bool {
        state.withLock { state in
            guard state.usage.connections < limits.connections else { return false }
            state.usage.connections += 1
            return true
        }
    }

    func leave() {
        state.withLock { $0.usage.connections -= 1 }
    }

    /// Takes one request's place in the rate, at once or a little later, or refuses it. One that cannot be read takes a place
    /// too: it leaves a record.
    func admit(now: ContinuousClock.Instant) -> Admission {
        state.withLock { state in
            let rate = Double(max(1, limits.connectionsPerSecond))
            let elapsed = Self.seconds(now - state.refilled)
            state.tokens = min(Double(limits.burst), state.tokens + max(0, elapsed) * rate)
            state.refilled = now
            let wait = state.tokens >= 1 ? 0 : (1 - state.tokens) / rate
            guard wait <= Self.seconds(limits.longestDelay) else { return .turnedAway }
            state.tokens -= 1
            if state.usage.bytesUp >= limits.bytesUp { return .refused(Self.spent(limits.bytesUp, isUp: true)) }
            if state.usage.bytesDown >= limits.bytesDown { return .refused(Self.spent(limits.bytesDown, isUp: false)) }
            state.usage.admitted += 1
            return .after(.seconds(wait))
        }
    }

    /// Counts bytes that are about to pass. A sentence where they may not: then they are not counted.
    func take(_ bytes: Int64, isUp: Bool) -> String? {
        state.withLock { state in
            let used = isUp ? state.usage.bytesUp : state.usage.bytesDown
            let limit = isUp ? limits.bytesUp : limits.bytesDown
            guard bytes <= limit - used else {
                // What would have fitted in part does not pass in part, and nothing smaller tries its luck afterwards.
                if isUp { state.usage.bytesUp = limit } else { state.usage.bytesDown = limit }
                return Self.spent(limit, isUp: isUp)
            }
            if isUp { state.usage.bytesUp += bytes } else { state.usage.bytesDown += bytes }
            return nil
        }
    }

    /// Counts one more that was turned away. Whether somebody is to be woken to tell of it: not where somebody is telling
    /// already, so that a flood wakes nobody twice.
    func turnAway() -> Bool {
        state.withLock { state in
            state.turnedAway += 1
            defer { state.isTelling = true }
            return !state.isTelling
        }
    }

    /// How many were turned away since this was last asked. `nil`: none, and whoever tells of them is to stop; the next one
    /// wakes somebody anew.
    func takeTurnedAway() -> Int? {
        state.withLock { state in
            guard state.turnedAway > 0 else {
                state.isTelling = false
                return nil
            }
            defer { state.turnedAway = 0 }
            return state.turnedAway
        }
    }

    /// Those turned away that nobody has been told of.
    func untold() -> Int {
        state.withLock { state in
            defer { state.turnedAway = 0 }
            return state.turnedAway
        }
    }

    var isSpent: Bool {
        state.withLock { $0.usage.bytesUp >= limits.bytesUp || $0.usage.bytesDown >= limits.bytesDown }
    }

    private static func spent(_ limit: Int64, isUp: Bool) -> String {
        "This session has \(isUp ? "sent" : "fetched") all it may through the egress door (\(limit) bytes). An admin can "
            + "raise the limit."
    }

    private static func seconds(_ duration: Duration) -> Double {
        Double(duration.components.seconds) + Double(duration.components.attoseconds) / 1e18
    }
}
