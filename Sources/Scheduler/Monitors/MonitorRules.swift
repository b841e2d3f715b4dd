internal import MCP
internal import Model
internal import Schedules

/// What a monitor takes for news: its check's data is a snapshot, held against the one of which its owner was told last.
///
/// `{"ignore": ["/updated", "/hosts/*/seen"], "thresholds": {"/load": 0.5}, "new_items_only": ["/alerts"],
/// "quiet_hours": "22:00-07:00", "zone": "Europe/Berlin", "cooldown_minutes": 60}`. The snapshot's member `severity` is
/// `urgent` (told at any time), `normal` (not in quiet hours, nor before the cooldown is over) or `low` (besides once a day).
struct MonitorRules: Sendable, Equatable {
    enum Severity: String, Sendable, CaseIterable { case low, normal, urgent }

    private(set) var ignored: [SnapshotPath] = []
    private(set) var thresholds: [(path: SnapshotPath, step: Double)] = []
    private(set) var additions: [SnapshotPath] = []
    /// Minutes of the day, in `zone`.
    private(set) var quiet: (start: Int, end: Int)?
    private(set) var zone = Zone.utc
    private(set) var cooldown = Duration.zero
    let json: JSONValue

    static func == (left: Self, right: Self) -> Bool { left.json == right.json }

    init(_ value: JSONValue) throws {
        guard let object = value.objectValue else {
            throw TaskProblem("monitor is an object; {} tells of every change")
        }
        let known: Set = ["ignore", "thresholds", "new_items_only", "quiet_hours", "zone", "cooldown_minutes"]
        if let unknown = object.keys.first(where: { !known.contains($0) }) {
            throw TaskProblem("a monitor has \(known.sorted().joined(separator: ", ")), and no \(unknown.prefix(40))")
        }
        json = value
        ignored = try Self.paths(object["ignore"], "ignore")
        additions = try Self.paths(object["new_items_only"], "new_items_only")
        for (path, step) in object["thresholds"]?.objectValue ?? [:] {
            guard let step = step.doubleValue, step > 0 else {
                throw TaskProblem("a threshold is a number above 0: smaller steps are no news")
            }
            thresholds.append((try SnapshotPath(path), step))
        }
        if let name = object["zone"]?.stringValue { zone = try Zone(name) }
        if let hours = object["quiet_hours"] { quiet = try Self.hours(hours) }
        if let minutes = object["cooldown_minutes"] {
            guard let minutes = minutes.intValue, (0...10_080).contains(minutes) else {
                throw TaskProblem("cooldown_minutes is 0 to 10080, a week")
            }
            cooldown = .seconds(minutes * 60)
        }
    }

    private static func paths(_ value: JSONValue?, _ key: String) throws -> [SnapshotPath] {
        guard let value else { return [] }
        guard let items = value.arrayValue, items.count <= 200 else {
            throw TaskProblem("\(key) is a list of at most 200 paths")
        }
        return try items.map { item in
            guard let text = item.stringValue else { throw TaskProblem("a path is a text, such as /hosts/*/seen") }
            return try SnapshotPath(text)
        }
    }

    private static func hours(_ value: JSONValue) throws -> (Int, Int) {
        let ends = (value.stringValue ?? "").split(separator: "-").map { part -> Int? in
            let numbers = part.split(separator: ":").compactMap { Int($0) }
            guard numbers.count == 2, (0..<24).contains(numbers[0]), (0..<60).contains(numbers[1]) else { return nil }
            return numbers[0] * 60 + numbers[1]
        }
        guard ends.count == 2, let start = ends[0], let end = ends[1], start != end else {
            throw TaskProblem("quiet_hours is such as 22:00-07:00")
        }
        return (start, end)
    }

    enum Verdict: Equatable {
        case first
        case quiet(String)
        case speak(JSONValue)
    }

    /// `spoke`: when its owner was told last.
    func verdict(before: JSONValue?, now snapshot: JSONValue, spoke: Timestamp?, at time: Timestamp) -> Verdict {
        guard let before else { return .first }
        let changes = SnapshotDiff(rules: self).changes(from: before, to: snapshot)
        guard !changes.isEmpty else { return .quiet("no change") }
        let severity = snapshot["severity"]?.stringValue.flatMap(Severity.init) ?? .normal
        if severity != .urgent {
            // Not told is not forgotten: the next look compares with what was told last.
            if isQuiet(at: time) { return .quiet("a change, kept for after the quiet hours") }
            let pause = severity == .low ? max(cooldown, .seconds(86_400)) : cooldown
            if let spoke, time.duration(since: spoke) < pause {
                return .quiet("a change, kept until the cooldown is over")
            }
        }
        return .speak([
            "severity": .string(severity.rawValue), "changes": .array(changes.map(\.json)), "snapshot": snapshot,
        ])
    }

    func isQuiet(at time: Timestamp) -> Bool {
        guard let quiet else { return false }
        let shown = time.milliseconds / 1000 + Int64(zone.offset(at: time))
        let minute = Int(((shown % 86_400) + 86_400) % 86_400 / 60)
        return quiet.start < quiet.end
            ? (quiet.start..<quiet.end).contains(minute) : minute >= quiet.start || minute < quiet.end
    }
}
