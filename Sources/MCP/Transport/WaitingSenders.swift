/// Senders that wait until the peer has read. Kept under the lock of whoever they wait for; resumed outside of it.
struct WaitingSenders {
    typealias Continuation = CheckedContinuation<Void, Never>

    private var waiting: [UInt64: Continuation] = [:]
    private var lastTicket: UInt64 = 0

    /// A ticket for one wait, taken before it begins, so that a cancellation in between finds it.
    mutating func ticket() -> UInt64 {
        lastTicket += 1
        return lastTicket
    }

    mutating func add(_ ticket: UInt64, _ continuation: Continuation) {
        waiting[ticket] = continuation
    }

    mutating func take(_ ticket: UInt64) -> Continuation? {
        waiting.removeValue(forKey: ticket)
    }

    mutating func takeAll() -> [Continuation] {
        defer { waiting = [:] }
        return Array(waiting.values)
    }
}
