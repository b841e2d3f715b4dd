internal import Synchronization

/// Signatures that were used, as long as the time under them would still be taken: a request that was overheard, sent again,
/// is none.
final class SeenSignatures: Sendable {
    private let state = Mutex<[String: Int64]>([:])
    private let capacity: Int

    init(capacity: Int = 50_000) { self.capacity = capacity }

    /// False where it was taken before, or there is no room to remember it. `now` in seconds since 1970.
    func take(_ signature: String, now: Int64) -> Bool {
        state.withLock { seen in
            guard seen[signature] == nil else { return false }
            if seen.count >= capacity { seen = seen.filter { $0.value >= now } }
            guard seen.count < capacity else { return false }
            // A time stamp may be as far ahead as it may be behind.
            seen[signature] = now + 2 * RequestSignature.tolerance
            return true
        }
    }

    /// Nothing came of it: Slack may send the very same again.
    func giveBack(_ signature: String) {
        state.withLock { _ = $0.removeValue(forKey: signature) }
    }
}
