internal import Foundation
package import Model

/// Hours of the day and days of the week in a time zone.
package struct TimeWindow: Hashable, Sendable {
    package enum Day: String, CaseIterable, Hashable, Sendable {
        case mon, tue, wed, thu, fri, sat, sun
    }

    /// Minutes of the day; from the first on, up to but without the second. Over midnight where the second is earlier;
    /// the part after midnight belongs to the day before.
    let hours: (from: Int, to: Int)?
    let days: Set<Day>?
    let zone: TimeZone

    package static func == (left: Self, right: Self) -> Bool {
        left.hours?.from == right.hours?.from && left.hours?.to == right.hours?.to && left.days == right.days
            && left.zone == right.zone
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(hours?.from)
        hasher.combine(hours?.to)
        hasher.combine(days)
    }

    package func contains(_ time: Timestamp) -> Bool {
        let seconds = Int(time.milliseconds / 1000)
        let local = seconds + zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(seconds)))
        let (day, second) = local.quotientAndRemainder(dividingBy: 86_400)
        let minute = second / 60
        guard let hours else { return isDay(day) }
        if hours.from < hours.to { return (hours.from..<hours.to).contains(minute) && isDay(day) }
        return minute >= hours.from ? isDay(day) : minute < hours.to && isDay(day - 1)
    }

    /// `day` counted from 1970-01-01, a Thursday.
    private func isDay(_ day: Int) -> Bool {
        guard let days else { return true }
        return days.contains(Day.allCases[(day + 3) % 7])
    }

    /// `08:00-18:30`.
    static func hours(_ text: String) -> (from: Int, to: Int)? {
        let ends = text.split(separator: "-", omittingEmptySubsequences: false).map(minute)
        guard ends.count == 2, let from = ends[0], let to = ends[1], from != to else { return nil }
        return (from, to)
    }

    private static func minute(_ text: Substring) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.utf8.count == 2 }), let hour = Int(parts[0]),
            let minute = Int(parts[1]), (0...24).contains(hour), (0...59).contains(minute), hour < 24 || minute == 0
        else { return nil }
        return hour * 60 + minute
    }
}
