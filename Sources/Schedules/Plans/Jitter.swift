/// Spreads what is due at the same moment, so that nine o'clock is no stampede. The same task is late by the same time at
/// every run and after every restart.
package enum Jitter {
    /// From zero up to, not including, `limit`; in whole milliseconds.
    package static func delay(of task: String, upTo limit: Duration) -> Duration {
        let milliseconds = limit.components.seconds * 1000 + limit.components.attoseconds / 1_000_000_000_000_000
        guard milliseconds > 0 else { return .zero }
        return .milliseconds(Int64(hash(task) % UInt64(milliseconds)))
    }

    /// FNV-1a, then mixed so that ids that differ in their last character are not neighbours. Not Swift's own hash, whose seed
    /// is another in each process.
    static func hash(_ text: String) -> UInt64 {
        var value = text.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }
}
