/// Reads what Debian's cron reads, and refuses in words what cron refuses, with three exceptions on the strict side: ranges that
/// run backwards (cron takes them and never runs), characters after a value (cron passes over them), dates that never come.
struct CronParser {
    /// All 60 minutes, 24 hours and so on, written out, are shorter.
    static let largestLength = 1000

    /// `@daily` and the like, as five fields.
    static let nicknames = [
        "@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0",
        "@daily": "0 0 * * *", "@midnight": "0 0 * * *", "@hourly": "0 * * * *",
    ]

    /// The values of a field as bits, and whether it begins with `*`.
    struct Values: Equatable {
        var bits: UInt64
        var star: Bool
    }

    static func fields(of text: String) throws(ScheduleError) -> [Values] {
        guard text.utf8.count <= largestLength else {
            throw ScheduleError("a cron expression has at most \(largestLength) characters; this one is longer")
        }
        let words = text.utf8.split { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }.map {
            String(Substring($0))
        }
        if let first = words.first, first.hasPrefix("@") {
            return try fields(of: expansion(of: first, alone: words.count == 1))
        }
        guard words.count == 5 else { throw countError(text, words.count) }
        var found: [Values] = []
        for (field, word) in zip(CronField.allCases, words) { found.append(try values(of: word, field)) }
        return found
    }

    private static func expansion(of nickname: String, alone: Bool) throws(ScheduleError) -> String {
        let known = "@hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually"
        if nickname.lowercased() == "@reboot" {
            throw ScheduleError("@reboot has no time: a task runs at a time, not at a start. Write one of \(known).")
        }
        guard let expansion = nicknames[nickname] else {
            let hint = nicknames[nickname.lowercased()] == nil ? "" : " Small letters only."
            throw ScheduleError("\(ScheduleError.quoted(nickname)) is none of \(known).\(hint)")
        }
        guard alone else { throw ScheduleError("nothing stands after \(nickname)") }
        return expansion
    }

    private static func countError(_ text: String, _ count: Int) -> ScheduleError {
        let wanted = "a cron expression has five fields: minute, hour, day of month, month, day of week"
        let hint =
            switch count {
            case 0: "this one is empty"
            case 6, 7: "\(ScheduleError.quoted(text)) has \(count); seconds and years are not known"
            default: "\(ScheduleError.quoted(text)) has \(count)"
            }
        return ScheduleError("\(wanted). \(hint.prefix(1).uppercased() + hint.dropFirst()).")
    }

    private static func values(of word: String, _ field: CronField) throws(ScheduleError) -> Values {
        var bits: UInt64 = 0
        for item in word.split(separator: ",", omittingEmptySubsequences: false) {
            guard !item.isEmpty else { throw refusal(field, word, "an item of the list is empty") }
            bits |= try Item(item, field).bits
        }
        if field == .dayOfWeek, bits & 0b1000_0001 != 0 { bits |= 0b1000_0001 }
        return Values(bits: bits, star: word.hasPrefix("*"))
    }

    fileprivate static func refusal(_ field: CronField, _ text: some StringProtocol, _ why: String) -> ScheduleError {
        ScheduleError("\(field.name) \(ScheduleError.quoted(text)): \(why); allowed are \(field.allowed)")
    }
}

/// `*`, `5`, `mon-fri`, `*/10`, `8-18/2`.
private struct Item {
    let bits: UInt64

    init(_ text: Substring, _ field: CronField) throws(ScheduleError) {
        let halves = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let ends = halves[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let range: ClosedRange<Int>
        if halves[0] == "*" {
            range = field.range
        } else if ends.count == 2 {
            let first = try Self.value(ends[0], text, field)
            let last = try Self.value(ends[1], text, field)
            guard first <= last else { throw Self.backwards(text, field) }
            range = first...last
        } else {
            let value = try Self.value(ends[0], text, field)
            guard halves.count == 1 else {
                throw CronParser.refusal(
                    field, text,
                    "a step stands after * or a range, as in \(value)-\(field.range.upperBound)/\(halves[1])")
            }
            range = value...value
        }
        let step = halves.count == 2 ? try Self.step(halves[1], text, field) : 1
        bits = stride(from: range.lowerBound, through: range.upperBound, by: step).reduce(0) { $0 | 1 << UInt64($1) }
    }

    private static func value(_ word: Substring, _ text: Substring, _ field: CronField) throws(ScheduleError) -> Int {
        if let index = field.names.firstIndex(of: word.lowercased()) { return field.range.lowerBound + index }
        guard let number = number(word) else {
            throw CronParser.refusal(field, text, complaint(about: word, field))
        }
        guard field.range.contains(number) else { throw CronParser.refusal(field, text, "\(number) is outside") }
        return number
    }

    private static func step(_ word: Substring, _ text: Substring, _ field: CronField) throws(ScheduleError) -> Int {
        guard let number = number(word) else {
            throw CronParser.refusal(field, text, "a step is a number of 1 or more")
        }
        guard number > 0 else { throw CronParser.refusal(field, text, "a step of 0 never moves") }
        return number
    }

    private static func number(_ word: Substring) -> Int? {
        guard (1...4).contains(word.utf8.count), word.utf8.allSatisfy(\.isDigit) else { return nil }
        return Int(word)
    }

    private static func complaint(about word: Substring, _ field: CronField) -> String {
        switch word {
        case "": "a value is missing"
        case "?", "L", "W", "LW", "H": "\(word) is of other crons and not known"
        case _ where word.contains("#"): "# is of other crons and not known"
        default: "\(ScheduleError.quoted(word)) is no value"
        }
    }

    /// `fri-mon` goes over the end of the week: it takes two items.
    private static func backwards(_ text: Substring, _ field: CronField) -> ScheduleError {
        let (low, high) = (field.range.lowerBound, field == .dayOfWeek ? 6 : field.range.upperBound)
        let ends = text.split(separator: "/")[0].split(separator: "-")
        return CronParser.refusal(
            field, text, "a range does not run backwards; write two, \(ends[0])-\(high),\(low)-\(ends[1])")
    }
}
