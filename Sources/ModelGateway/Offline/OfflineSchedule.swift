internal import MCP

/// Times as the offline model understands them: `every weekday at 9`, `every monday at 8:30 in Europe/Berlin`, `every 15
/// minutes`, `at 2027-01-31T09:00 in Europe/Berlin`. The clocks are UTC where it does not say.
enum OfflineSchedule {
    /// `nil` for anything else.
    static func schedule(_ words: String) -> JSONValue? {
        var text = words.trimmed
        var zone = "UTC"
        if let range = text.ranges(of: " in ").last {
            zone = String(text[range.upperBound...]).trimmed
            text = String(text[..<range.lowerBound])
        }
        var parts = text.split(whereSeparator: \.isWhitespace).map(String.init)
        switch parts.first?.lowercased() {
        case "at" where parts.count == 2: return ["kind": "once", "at": .string(parts[1]), "zone": .string(zone)]
        case "every" where parts.count > 1: parts.removeFirst()
        default: return nil
        }
        if parts.count == 2, let count = Int64(parts[0]), let unit = units[parts[1].lowercased()] {
            let (seconds, overflow) = count.multipliedReportingOverflow(by: unit)
            return overflow ? nil : ["kind": "interval", "seconds": .int(seconds)]
        }
        guard let day = days[parts[0].lowercased()] else { return nil }
        guard let clock = clock(parts.dropFirst().map { $0 }) else { return nil }
        return [
            "kind": "cron", "expression": .string("\(clock.minute) \(clock.hour) * * \(day)"), "zone": .string(zone),
        ]
    }

    private static let units: [String: Int64] = [
        "minute": 60, "minutes": 60, "hour": 3600, "hours": 3600, "day": 86_400, "days": 86_400,
    ]

    private static let days = [
        "day": "*", "weekday": "1-5", "monday": "1", "tuesday": "2", "wednesday": "3", "thursday": "4", "friday": "5",
        "saturday": "6", "sunday": "0",
    ]

    /// `at 9`, `at 9:30`.
    private static func clock(_ parts: [String]) -> (hour: Int, minute: Int)? {
        guard parts.count == 2, parts[0].lowercased() == "at" else { return nil }
        let numbers = parts[1].split(separator: ":").map { Int($0) }
        guard (1...2).contains(numbers.count), let hour = numbers[0], (0..<24).contains(hour) else { return nil }
        let minute = numbers.count == 2 ? numbers[1] : 0
        guard let minute, (0..<60).contains(minute) else { return nil }
        return (hour, minute)
    }
}
