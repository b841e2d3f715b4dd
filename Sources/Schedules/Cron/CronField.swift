/// One of the five fields of a cron expression: its values, and how it is written.
enum CronField: CaseIterable, Sendable {
    case minute, hour, dayOfMonth, month, dayOfWeek

    var name: String {
        switch self {
        case .minute: "minute"
        case .hour: "hour"
        case .dayOfMonth: "day of month"
        case .month: "month"
        case .dayOfWeek: "day of week"
        }
    }

    var range: ClosedRange<Int> {
        switch self {
        case .minute: 0...59
        case .hour: 0...23
        case .dayOfMonth: 1...31
        case .month: 1...12
        // Sunday at both ends.
        case .dayOfWeek: 0...7
        }
    }

    /// Three letters each, in any case; the first stands for the first value.
    var names: [String] {
        switch self {
        case .month: ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
        case .dayOfWeek: ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
        default: []
        }
    }

    /// What may stand in it, for whoever wrote something else.
    var allowed: String {
        let numbers = "\(range.lowerBound) to \(range.upperBound)"
        return switch self {
        case .month: "\(numbers), or jan to dec"
        case .dayOfWeek: "\(numbers) (0 and 7 are Sunday), or sun to sat"
        default: numbers
        }
    }
}
