package import Model

/// Slack's time stamp of a message, `seconds.microseconds`: with the channel its identity, and an order within it.
package struct SlackTimestamp: Hashable, Comparable, Sendable, CustomStringConvertible {
    package let text: String
    private let microseconds: Int64

    /// Nil unless it is digits, a dot and six digits, of a time that a 64-bit number of microseconds can hold.
    package init?(_ text: String) {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 2, (1...12).contains(parts[0].count), parts[1].count == 6,
            parts.allSatisfy({ $0.allSatisfy { (48...57).contains($0) } }),
            let seconds = Int64(String(decoding: parts[0], as: UTF8.self)),
            let fraction = Int64(String(decoding: parts[1], as: UTF8.self))
        else { return nil }
        self.text = text
        microseconds = seconds * 1_000_000 + fraction
    }

    /// The first time stamp that a message said in that millisecond can have.
    package init(_ time: Timestamp) {
        let milliseconds = max(0, time.milliseconds)
        let fraction = String(milliseconds % 1000)
        text = "\(milliseconds / 1000)." + String(repeating: "0", count: 3 - fraction.count) + fraction + "000"
        microseconds = milliseconds &* 1000
    }

    /// When it was said, to the millisecond.
    package var time: Timestamp { Timestamp(milliseconds: microseconds / 1000) }
    package var description: String { text }

    package static func < (left: Self, right: Self) -> Bool { left.microseconds < right.microseconds }
    package static func == (left: Self, right: Self) -> Bool { left.microseconds == right.microseconds }
    package func hash(into hasher: inout Hasher) { hasher.combine(microseconds) }
}
