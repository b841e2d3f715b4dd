/// Reads a compiled time zone file as RFC 8536 and 9636 describe it (TZif, versions 1 to 4): what the system's tzdata package
/// installs, so that Bulkhead's clocks change when the operator's do.
struct TimeZoneFile {
    /// Transitions are worked out up to here from the rule at the file's end; from then on its last offset holds.
    static let lastYear = 2500
    /// The largest in the database of today has 4 KiB.
    static let largestSize = 256 * 1024

    let rules: ZoneRules

    /// - Throws: `ScheduleError` where the bytes are no such file. Any bytes may be given.
    init(_ bytes: [UInt8]) throws(ScheduleError) {
        guard bytes.count <= Self.largestSize else { throw Self.broken("it is too large") }
        var reader = Reader(bytes: bytes)
        let first = try Header(&reader)
        guard first.version >= 2 else {
            rules = try Self.block(first, width: 4, &reader)
            return
        }
        // The first block is for readers with 32-bit times.
        try reader.skip(first.size(width: 4))
        let second = try Header(&reader)
        let listed = try Self.block(second, width: 8, &reader)
        let footer = try reader.footer()
        guard !footer.isEmpty else {
            rules = listed
            return
        }
        let rule = try POSIXZone(footer)
        let last = listed.transitions.last
        let lastYear = last.map { CivilDay(number: $0.start.dividedDown(by: 86_400)).year } ?? 1970
        let added = rule.transitions(years: max(lastYear, 1900)...max(lastYear, Self.lastYear))
            .filter { $0.start > last?.start ?? .min }
        rules = ZoneRules(
            firstOffset: last == nil && added.isEmpty ? rule.standard : listed.firstOffset,
            transitions: listed.transitions + added)
    }

    private struct Header {
        var version: Int
        var utcIndicators: Int
        var standardIndicators: Int
        var leapSeconds: Int
        var transitions: Int
        var types: Int
        var names: Int

        init(_ reader: inout Reader) throws(ScheduleError) {
            guard try reader.take(4) == Array("TZif".utf8) else { throw TimeZoneFile.broken("it does not begin so") }
            let digit = try reader.take(1)[0]
            version = digit == 0 ? 1 : Int(digit) - Int(UInt8(ascii: "0"))
            try reader.skip(15)
            utcIndicators = try reader.integer(4)
            standardIndicators = try reader.integer(4)
            leapSeconds = try reader.integer(4)
            transitions = try reader.integer(4)
            types = try reader.integer(4)
            names = try reader.integer(4)
            let counts = [utcIndicators, standardIndicators, leapSeconds, transitions, types, names]
            guard counts.allSatisfy({ (0...TimeZoneFile.largestSize).contains($0) }), types > 0 else {
                throw TimeZoneFile.broken("its counts make no sense")
            }
            // Such files ("right/…") count seconds that no other clock of the system counts.
            guard leapSeconds == 0 else { throw TimeZoneFile.broken("it counts leap seconds") }
        }

        func size(width: Int) -> Int {
            transitions * (width + 1) + types * 6 + names + leapSeconds * (width + 4) + standardIndicators
                + utcIndicators
        }
    }

    private static func block(_ header: Header, width: Int, _ reader: inout Reader) throws(ScheduleError) -> ZoneRules {
        var times: [Int] = []
        for _ in 0..<header.transitions { times.append(try reader.integer(width)) }
        let indices = try reader.take(header.transitions)
        var offsets: [Int] = []
        for _ in 0..<header.types {
            let offset = try reader.integer(4)
            guard abs(offset) <= ZoneRules.largestOffset else { throw broken("an offset makes no sense") }
            offsets.append(offset)
            try reader.skip(2)
        }
        try reader.skip(header.names + header.standardIndicators + header.utcIndicators)
        var transitions: [ZoneRules.Transition] = []
        for (time, index) in zip(times, indices) {
            guard Int(index) < offsets.count else { throw broken("a time type is missing") }
            // Some writers begin with a marker at or before the big bang.
            guard time > -(1 << 55), time < 1 << 55 else { continue }
            if let last = transitions.last, time <= last.start { throw broken("its times are out of order") }
            transitions.append(.init(start: time, offset: offsets[Int(index)]))
        }
        return ZoneRules(firstOffset: offsets[0], transitions: transitions)
    }

    private static func broken(_ why: String) -> ScheduleError {
        ScheduleError("not a time zone file: \(why)")
    }

    /// Big-endian numbers from bytes.
    private struct Reader {
        let bytes: [UInt8]
        var place = 0

        mutating func take(_ count: Int) throws(ScheduleError) -> [UInt8] {
            guard count >= 0, count <= bytes.count - place else { throw TimeZoneFile.broken("it ends early") }
            defer { place += count }
            return Array(bytes[place..<place + count])
        }

        mutating func skip(_ count: Int) throws(ScheduleError) {
            guard count >= 0, count <= bytes.count - place else { throw TimeZoneFile.broken("it ends early") }
            place += count
        }

        /// Signed, of 4 or 8 bytes.
        mutating func integer(_ width: Int) throws(ScheduleError) -> Int {
            let value = try take(width).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            return width == 4 ? Int(Int32(truncatingIfNeeded: value)) : Int(Int64(bitPattern: value))
        }

        /// The line after the last block.
        mutating func footer() throws(ScheduleError) -> String {
            guard place < bytes.count else { return "" }
            let rest = bytes[place...]
            guard rest.first == 10, let end = rest.dropFirst().firstIndex(of: 10) else {
                throw TimeZoneFile.broken("its last line is missing")
            }
            return String(decoding: rest[(rest.startIndex + 1)..<end], as: UTF8.self)
        }
    }
}
