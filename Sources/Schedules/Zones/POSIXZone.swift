/// The rule at the end of a time zone file, as POSIX writes it in `TZ`, with RFC 8536's hours from -167 to 167:
/// `CET-1CEST,M3.5.0,M10.5.0/3`.
struct POSIXZone: Equatable {
    enum Day: Equatable {
        /// `M3.5.0`: the last Sunday of March. Weeks 1…5, Sunday 0.
        case week(month: Int, week: Int, weekday: Int)
        /// `J60`: day 1…365, of which 29 February is none.
        case julian(Int)
        /// `59`: day 0…365, leap days counted.
        case zeroBased(Int)

        func number(in year: Int) -> Int {
            let first = CivilDay(year: year, month: 1, day: 1).number
            switch self {
            case .zeroBased(let day): return first + day
            case .julian(let day): return first + day - 1 + (day >= 60 && CivilDay.isLeap(year) ? 1 : 0)
            case .week(let month, let week, let weekday):
                let start = CivilDay(year: year, month: month, day: 1)
                var day = 1 + (weekday - start.weekday + 7) % 7 + (week - 1) * 7
                if day > CivilDay.count(inMonth: month, of: year) { day -= 7 }
                return start.number + day - 1
            }
        }
    }

    struct Change: Equatable {
        var day: Day
        /// Seconds after midnight by the clocks as they are before the change.
        var seconds: Int
    }

    /// Seconds ahead of UTC.
    let standard: Int
    /// Absent where clocks are never changed.
    let summer: (offset: Int, begins: Change, ends: Change)?

    static func == (left: Self, right: Self) -> Bool {
        left.standard == right.standard && left.summer?.offset == right.summer?.offset
            && left.summer?.begins == right.summer?.begins && left.summer?.ends == right.summer?.ends
    }

    init(_ text: String) throws(ScheduleError) {
        var reader = Reader(rest: Array(text.utf8)[...], text: text)
        try reader.name()
        standard = -(try reader.time(hours: 24))
        guard !reader.rest.isEmpty else {
            summer = nil
            return
        }
        try reader.name()
        let offset =
            reader.rest.first == UInt8(ascii: ",") || reader.rest.isEmpty
            ? standard + 3600 : -(try reader.time(hours: 24))
        summer = (offset, try reader.change(), try reader.change())
        guard reader.rest.isEmpty else { throw reader.broken }
    }

    /// Every change of the clocks in these years, in order of time.
    func transitions(years: ClosedRange<Int>) -> [ZoneRules.Transition] {
        guard let summer else { return [] }
        var found: [ZoneRules.Transition] = []
        for year in years {
            let begins = summer.begins.day.number(in: year) * 86_400 + summer.begins.seconds - standard
            let ends = summer.ends.day.number(in: year) * 86_400 + summer.ends.seconds - summer.offset
            found.append(.init(start: begins, offset: summer.offset))
            found.append(.init(start: ends, offset: standard))
        }
        // Where summer ends at the moment it begins again, it lasts for ever: the later word counts.
        return found.sorted { $0.start < $1.start }
    }

    private struct Reader {
        var rest: ArraySlice<UInt8>
        let text: String

        var broken: ScheduleError { ScheduleError("not a time zone rule: \(ScheduleError.quoted(text))") }

        mutating func eat(_ character: Character) -> Bool {
            guard rest.first == character.asciiValue else { return false }
            rest = rest.dropFirst()
            return true
        }

        /// `CET` or `<+0330>`.
        mutating func name() throws(ScheduleError) {
            if eat("<") {
                guard let end = rest.firstIndex(of: UInt8(ascii: ">")) else { throw broken }
                rest = rest[(end + 1)...]
                return
            }
            let letters = rest.prefix { ($0 | 0x20) >= UInt8(ascii: "a") && ($0 | 0x20) <= UInt8(ascii: "z") }
            guard letters.count >= 3 else { throw broken }
            rest = rest.dropFirst(letters.count)
        }

        mutating func number(_ range: ClosedRange<Int>) throws(ScheduleError) -> Int {
            let digits = rest.prefix { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
            guard (1...3).contains(digits.count) else { throw broken }
            let value = digits.reduce(0) { $0 * 10 + Int($1) - 48 }
            guard range.contains(value) else { throw broken }
            rest = rest.dropFirst(digits.count)
            return value
        }

        /// `[+-]hh[:mm[:ss]]` in seconds.
        mutating func time(hours: Int) throws(ScheduleError) -> Int {
            let negative = eat("-")
            if !negative { _ = eat("+") }
            var seconds = try number(0...hours) * 3600
            if eat(":") { seconds += try number(0...59) * 60 }
            if eat(":") { seconds += try number(0...59) }
            return negative ? -seconds : seconds
        }

        mutating func change() throws(ScheduleError) -> Change {
            guard eat(",") else { throw broken }
            let day: Day
            if eat("M") {
                let month = try number(1...12)
                guard eat(".") else { throw broken }
                let week = try number(1...5)
                guard eat(".") else { throw broken }
                day = .week(month: month, week: week, weekday: try number(0...6))
            } else if eat("J") {
                day = .julian(try number(1...365))
            } else {
                day = .zeroBased(try number(0...365))
            }
            return Change(day: day, seconds: eat("/") ? try time(hours: 167) : 7200)
        }
    }
}
