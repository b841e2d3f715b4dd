internal import Synchronization

/// A connection's place among those of its session and of all sessions. Given back when nobody holds it any more: neither
/// the channel, until it is closed, nor whoever serves it, until that is done. So a sandbox that comes and goes in a loop
/// cannot have more under way than it could have open.
final class ConnectionPlace: Sendable {
    private let meter: SessionMeter
    private let total: ConnectionCount

    enum Refused: Error {
        case session
        case all
    }

    /// The session's own limit first: one that has reached it takes no place from others.
    init(of meter: SessionMeter, in total: ConnectionCount) throws(Refused) {
        guard meter.enter() else { throw .session }
        guard total.enter() else {
            meter.leave()
            throw .all
        }
        (self.meter, self.total) = (meter, total)
    }

    deinit {
        meter.leave()
        total.leave()
    }
}

/// Connections of all sessions.
final class ConnectionCount: Sendable {
    private let maximum: Int
    private let count = Mutex(0)

    init(maximum: Int) {
        self.maximum = maximum
    }

    func enter() -> Bool {
        count.withLock { count in
            guard count < maximum else { return false }
            count += 1
            return true
        }
    }

    func leave() {
        count.withLock { $0 -= 1 }
    }
}
