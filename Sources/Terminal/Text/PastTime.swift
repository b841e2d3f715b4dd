internal import Glibc

/// A time in the past as people type it: `7d`, `12h`, `30m` ago; `2026-11-22`; `2026-11-22T15:04:05Z`. UTC.
package enum PastTime {
    /// Milliseconds since 1970; `nil` for anything else.
    package static func parse(_ text: String, now: Int64) -> Int64? {
        let units: [Character: Int64] = ["m": 60, "h": 3600, "d": 86_400]
        if let unit = text.last.flatMap({ units[$0] }), let count = Int64(text.dropLast()),
            (0...100_000).contains(count)
        {
            return now - count * unit * 1000
        }
        let halves = text.split(separator: "T", omittingEmptySubsequences: false)
        guard let date = numbers(halves[0], "-", [4, 2, 2]), (1...2).contains(halves.count) else { return nil }
        var clock: [Int32] = [0, 0, 0]
        if halves.count == 2 {
            guard halves[1].hasSuffix("Z"), let time = numbers(halves[1].dropLast(), ":", [2, 2, 2]) else {
                return nil
            }
            clock = time
        }
        guard (1970...9999).contains(date[0]), (1...12).contains(date[1]), (1...31).contains(date[2]), clock[0] < 24,
            clock[1] < 60, clock[2] < 60
        else { return nil }
        var parts = tm()
        (parts.tm_year, parts.tm_mon, parts.tm_mday) = (date[0] - 1900, date[1] - 1, date[2])
        (parts.tm_hour, parts.tm_min, parts.tm_sec) = (clock[0], clock[1], clock[2])
        let seconds = timegm(&parts)
        // What the calendar does not have (31 April) comes out as another day.
        guard parts.tm_mday == date[2] else { return nil }
        return Int64(seconds) * 1000
    }

    private static func numbers(_ text: Substring, _ separator: Character, _ widths: [Int]) -> [Int32]? {
        let parts = text.split(separator: separator, omittingEmptySubsequences: false)
        guard parts.map(\.utf8.count) == widths else { return nil }
        let numbers = parts.compactMap { part in part.utf8.allSatisfy { (48...57).contains($0) } ? Int32(part) : nil }
        return numbers.count == widths.count ? numbers : nil
    }
}
