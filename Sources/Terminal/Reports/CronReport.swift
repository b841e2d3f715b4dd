internal import Glibc
internal import MCP
internal import Model
internal import Schedules

/// `bulkhead cron next`: when an expression is due. Asks no daemon.
package enum CronReport {
    package static let counts = 1...1000

    /// - Parameter start: an RFC 3339 time, or one in the clocks of the zone; `nil` for now.
    package static func next(
        _ expression: String, zone name: String?, from start: String?, count: Int, environment: [String: String],
        json: Bool
    ) async -> Int32 {
        await CommandResult.status(json: json) {
            do {
                guard counts.contains(count) else { throw ScheduleError("--count takes a number from 1 to 1000") }
                let zone =
                    try name.map { name throws(ScheduleError) in try Zone(name) } ?? .ofHost(environment: environment)
                let expression = try CronExpression(expression)
                let start = try start.map { text throws(ScheduleError) in try RFC3339.time(text, in: zone) }
                let times = Schedule.cron(expression, zone)
                    .occurrences(from: start ?? WallClock.system.now(), count: count)
                if json {
                    CommandResult.printJSON(.array(times.map { .string(RFC3339.string($0, in: zone)) }))
                } else {
                    TerminalDevice.print(lines(expression, times, zone), to: STDOUT_FILENO)
                }
                return 0
            } catch let error as ScheduleError {
                throw TerminalError(.usage, error.message)
            }
        }
    }

    static func lines(_ expression: CronExpression, _ times: [Timestamp], _ zone: Zone) -> [StyledLine] {
        [StyledLine(expression.text, .bold) + StyledLine(": \(expression.words), \(zone)")]
            + times.map { time in
                let text = RFC3339.string(time, in: zone)
                let day = StyledLine("  \(RFC3339.weekday(time, in: zone)) ", .dim)
                return day + StyledLine("\(text.prefix(10)) \(text.dropFirst(11).prefix(5))")
                    + StyledLine("  \(text.dropFirst(19))", .dim)
            }
    }
}
