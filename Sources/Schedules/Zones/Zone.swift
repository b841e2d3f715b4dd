internal import Foundation
package import Model

/// A time zone of the system's database (`Europe/Berlin`), with its rules. Equal where the names are.
///
/// The rules come from the files of the tzdata package, not from the tables inside Foundation: clocks then change here when they
/// change for everything else on the host, and an update of that package is enough to learn of a law.
package struct Zone: Hashable, Sendable, CustomStringConvertible {
    package let name: String
    let rules: ZoneRules

    package static let utc = Zone(name: "UTC", rules: .utc)

    init(name: String, rules: ZoneRules) {
        self.name = name
        self.rules = rules
    }

    /// - Throws: `ScheduleError` for a name that the system's database does not have, saying what is meant by one.
    package init(_ name: String) throws(ScheduleError) {
        self.init(name: name, rules: try ZoneDatabase.system.rules(of: name))
    }

    package var description: String { name }

    package static func == (left: Self, right: Self) -> Bool { left.name == right.name }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(name)
    }

    /// Seconds that the clocks are ahead of UTC.
    package func offset(at time: Timestamp) -> Int {
        rules.offset(at: time.seconds)
    }

    /// When its clocks are changed, after `start` and up to `end`.
    package func changes(after start: Timestamp, upTo end: Timestamp) -> [Timestamp] {
        rules.transitions.map { Timestamp(seconds: $0.start) }.filter { $0 > start && $0 <= end }
    }

    /// The zone of this host: `TZ` where it names one, else what `/etc/localtime` points to, else UTC.
    package static func ofHost(environment: [String: String]) -> Zone {
        if let set = environment["TZ"], let zone = try? Zone(set.hasPrefix(":") ? String(set.dropFirst()) : set) {
            return zone
        }
        if let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/etc/localtime"),
            let place = target.range(of: "zoneinfo/"), let zone = try? Zone(String(target[place.upperBound...]))
        {
            return zone
        }
        if let text = try? String(contentsOfFile: "/etc/timezone", encoding: .utf8),
            let zone = try? Zone(text.trimmingCharacters(in: .whitespacesAndNewlines))
        {
            return zone
        }
        return .utc
    }
}

extension Timestamp {
    /// Whole seconds since 1970, rounded down.
    var seconds: Int { Int(milliseconds).dividedDown(by: 1000) }

    init(seconds: Int) {
        self.init(milliseconds: Int64(seconds) * 1000)
    }
}

extension Zone: Codable {
    package init(from decoder: any Decoder) throws {
        try self.init(try decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(name)
    }
}
