package import Model

/// Times as RFC 3339 writes them, with a zone's offset: `2026-11-30T09:00:00+01:00`.
package enum RFC3339 {
    /// In the clocks of `zone`, UTC's as `+00:00`; fractions of a second only where there are any.
    package static func string(_ time: Timestamp, in zone: Zone) -> String {
        let offset = zone.offset(at: time)
        let shown = time.seconds + offset
        let day = CivilDay(number: shown.dividedDown(by: 86_400))
        let second = shown - shown.dividedDown(by: 86_400) * 86_400
        let fraction = Int(time.milliseconds) - time.seconds * 1000
        let clock = "\(two(second / 3600)):\(two(second / 60 % 60)):\(two(second % 60))"
        // RFC 3339 has no seconds in offsets; no zone has had any since 1972.
        let minutes = abs(offset) / 60
        let ahead = "\(offset < 0 ? "-" : "+")\(two(minutes / 60)):\(two(minutes % 60))"
        return "\(date(day))T\(clock)\(fraction == 0 ? "" : "." + padded(fraction, 3))\(ahead)"
    }

    /// `2026-11-30T09:00:00+01:00`, `…Z`, with or without a fraction, of which milliseconds are kept.
    /// - Throws: `ScheduleError` saying how a time is written.
    package static func time(_ text: String) throws(ScheduleError) -> Timestamp {
        var reader = Reader(Array(text.utf8))
        guard let wall = reader.dateAndTime(), let fraction = reader.fraction(), let offset = reader.offset(),
            reader.atEnd
        else {
            throw ScheduleError(
                "\(ScheduleError.quoted(text)) is no time with its offset, such as 2026-11-30T09:00:00+01:00 or 2026-11-30T08:00:00Z"
            )
        }
        return Timestamp(milliseconds: Int64((wall - offset) * 1000 + fraction))
    }

    /// As `time(_:)`, or without an offset: then it is what the clocks of `zone` show. `2026-11-30T09:00`, `2026-11-30 09:00`,
    /// `2026-11-30`. A time that the clocks skip is the end of the gap; of a time shown twice, the first is meant.
    package static func time(_ text: String, in zone: Zone) throws(ScheduleError) -> Timestamp {
        if let time = try? time(text) { return time }
        var reader = Reader(Array(text.utf8))
        guard let wall = reader.wallTime(), reader.atEnd else {
            throw ScheduleError(
                "\(ScheduleError.quoted(text)) is no time such as 2026-11-30T09:00, in the clocks of \(zone), or 2026-11-30T09:00:00+01:00"
            )
        }
        return Timestamp(seconds: zone.rules.firstMoment(showing: wall))
    }

    /// `Mon`, in the clocks of `zone`.
    package static func weekday(_ time: Timestamp, in zone: Zone) -> String {
        let day = CivilDay(number: (time.seconds + zone.offset(at: time)).dividedDown(by: 86_400))
        return ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][day.weekday]
    }

    static func date(_ day: CivilDay) -> String {
        "\(padded(day.year, 4))-\(two(day.month))-\(two(day.day))"
    }

    static func two(_ number: Int) -> String { padded(number, 2) }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }

    private struct Reader {
        private let bytes: [UInt8]
        private var place = 0

        init(_ bytes: [UInt8]) {
            self.bytes = bytes
        }

        var atEnd: Bool { place == bytes.count }

        mutating func eat(_ characters: String) -> Bool {
            guard place < bytes.count, characters.utf8.contains(bytes[place]) else { return false }
            place += 1
            return true
        }

        mutating func number(_ digits: Int, _ range: ClosedRange<Int>) -> Int? {
            guard bytes.count - place >= digits else { return nil }
            let text = bytes[place..<place + digits]
            guard text.allSatisfy(\.isDigit) else { return nil }
            let value = text.reduce(0) { $0 * 10 + Int($1) - 48 }
            guard range.contains(value) else { return nil }
            place += digits
            return value
        }

        /// Days since 1970.
        mutating func date() -> Int? {
            guard let year = number(4, 1...9999), eat("-"), let month = number(2, 1...12), eat("-"),
                let day = number(2, 1...CivilDay.count(inMonth: month, of: year))
            else { return nil }
            return CivilDay(year: year, month: month, day: day).number
        }

        /// A leap second is the second after it.
        mutating func dateAndTime() -> Int? {
            guard let day = date(), eat("Tt "), let hour = number(2, 0...23), eat(":"), let minute = number(2, 0...59),
                eat(":"), let second = number(2, 0...60)
            else { return nil }
            return day * 86_400 + hour * 3600 + minute * 60 + second
        }

        mutating func wallTime() -> Int? {
            guard let day = date() else { return nil }
            guard !atEnd else { return day * 86_400 }
            guard eat("Tt "), let hour = number(2, 0...23), eat(":"), let minute = number(2, 0...59) else { return nil }
            var second = 0
            if eat(":") {
                guard let read = number(2, 0...59) else { return nil }
                second = read
            }
            return day * 86_400 + hour * 3600 + minute * 60 + second
        }

        /// In milliseconds.
        mutating func fraction() -> Int? {
            guard eat(".") else { return 0 }
            let digits = bytes[place...].prefix { $0.isDigit }
            guard (1...9).contains(digits.count) else { return nil }
            place += digits.count
            return (digits.prefix(3) + [48, 48, 48]).prefix(3).reduce(0) { $0 * 10 + Int($1) - 48 }
        }

        /// In seconds ahead of UTC.
        mutating func offset() -> Int? {
            if eat("Zz") { return 0 }
            let negative = place < bytes.count && bytes[place] == UInt8(ascii: "-")
            guard eat("+-"), let hours = number(2, 0...23), eat(":"), let minutes = number(2, 0...59) else {
                return nil
            }
            return (negative ? -1 : 1) * (hours * 3600 + minutes * 60)
        }
    }
}
