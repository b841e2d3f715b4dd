internal import Crypto
internal import MCP
internal import Model
internal import Schedules
internal import Store

/// What somebody asks a task to be, read from JSON: an agent's arguments and a person's request alike.
///
/// Strict: what is not known is refused and not ignored, and what is wrong is said with what is allowed.
struct TaskFields {
    static let names: Set<String> = [
        "name", "prompt", "schedule", "channel", "context", "conversation", "mode", "tier", "missed", "retry",
        "on_crash",
        "deadline_minutes", "jitter_seconds", "check", "monitor", "budget_usd",
    ]

    private let object: JSONObject
    private let limits: SchedulerLimits

    init(_ object: JSONObject, limits: SchedulerLimits) throws {
        if let unknown = object.keys.sorted().first(where: { !Self.names.contains($0) }) {
            throw TaskProblem(
                "there is no \(unknown.prefix(40)); a task has \(Self.names.sorted().joined(separator: ", "))")
        }
        self.object = object
        self.limits = limits
    }

    var channelName: String? { object["channel"]?.stringValue }
    var isEmpty: Bool { object.isEmpty }

    /// What `content` becomes with them.
    func applied(
        to content: TaskContent, now: Timestamp, channel: ChannelID?, conversation: ConversationID?
    ) throws -> TaskContent {
        var new = content
        if let name = try text("name", 1...80) {
            guard name.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
                throw TaskProblem("a name is one line")
            }
            new.name = name
        }
        if let prompt = try text("prompt", 1...limits.promptBytes) { new.prompt = prompt }
        if let value = object["schedule"] { new.schedule = try schedule(value, now: now).json }
        if let channel { new.channel = channel }
        new.context = try word("context") ?? new.context
        if let conversation { new.conversation = conversation }
        if new.context == .isolated { new.conversation = nil }
        if let name = try text("mode", 1...40) {
            guard let mode = Mode(named: name) else {
                throw TaskProblem("mode is \(Mode.allCases.map(\.rawValue).joined(separator: ", "))")
            }
            new.mode = mode
        }
        if let tier = try text("tier", 1...40) {
            guard ["fast", "balanced", "best"].contains(tier) else {
                throw TaskProblem("tier is fast, balanced or best")
            }
            new.tier = tier
        }
        if let missed = try text("missed", 1...20) { new.misfire = try Misfire(missed).description }
        if let retry = object["retry"] { new.backoff = try backoff(retry).json }
        new.onCrash = try word("on_crash") ?? new.onCrash
        if let minutes = try number("deadline_minutes", 1...360) { new.deadline = .seconds(minutes * 60) }
        if let seconds = try number("jitter_seconds", 0...3600) { new.jitter = .seconds(seconds) }
        if let check = object["check"] {
            new.check = check.isNull ? nil : try text("check", 1...limits.promptBytes)
        }
        if let monitor = object["monitor"] {
            new.monitor = monitor.isNull ? nil : try MonitorRules(monitor).json.text
        }
        if let budget = object["budget_usd"]?.doubleValue {
            guard (0.001...1000).contains(budget) else {
                throw TaskProblem("budget_usd is 0.001 to 1000 dollars a run")
            }
            new.budget = Int64(budget * 1_000_000)
        }
        guard new.monitor == nil || new.check != nil else {
            throw TaskProblem("a monitor needs a check, whose data is what is compared")
        }
        new.digest = Self.digest(of: new)
        return new
    }

    /// Of what everything allowed for the task depends on.
    static func digest(of content: TaskContent) -> String {
        var facts: JSONObject = [
            "prompt": .string(content.prompt), "mode": .string(content.mode.rawValue),
            "channel": .string(content.channel.rawValue), "context": .string(content.context.rawValue),
        ]
        facts["check"] = content.check.map { .string($0) }
        facts["monitor"] = content.monitor.map { .string($0) }
        facts["conversation"] = content.conversation.map { .string($0.rawValue) }
        return Array(SHA256.hash(data: facts.canonical())).hex
    }

    /// An interval counts from now where it does not say from when.
    private func schedule(_ value: JSONValue, now: Timestamp) throws -> Schedule {
        guard var object = value.objectValue else {
            throw TaskProblem(
                #"schedule is an object, such as {"kind":"cron","expression":"0 9 * * 1-5","zone":"Europe/Berlin"}"#)
        }
        switch object["kind"]?.stringValue {
        case "interval":
            if object["anchor"] == nil { object["anchor"] = .string(RFC3339.string(now, in: .utc)) }
        case "cron":
            guard object["zone"] != nil else {
                throw TaskProblem("a cron schedule needs its zone, such as Europe/Berlin or UTC")
            }
        default: break
        }
        let schedule = try Schedule(json: JSONValue.object(object).text)
        try schedule.check(now: now)
        return schedule
    }

    private func backoff(_ value: JSONValue) throws -> Backoff {
        if let attempts = value.intValue {
            guard (0...10).contains(attempts) else { throw TaskProblem("retry is 0 to 10 repetitions") }
            var backoff = Backoff.standard
            backoff.attempts = Int(attempts)
            return backoff
        }
        let backoff = try Backoff(json: value.text)
        guard (1...86_400).contains(backoff.first), (1...10).contains(backoff.factor),
            (1...86_400).contains(backoff.longest), (0...10).contains(backoff.attempts)
        else {
            throw TaskProblem("retry has first and longest from 1 to 86400 seconds, factor 1 to 10, attempts 0 to 10")
        }
        return backoff
    }

    // MARK: Members

    private func text(_ key: String, _ bytes: ClosedRange<Int>) throws -> String? {
        guard let value = object[key] else { return nil }
        guard let text = value.stringValue else { throw TaskProblem("\(key) is a text") }
        guard bytes.contains(text.utf8.count), text.contains(where: { !$0.isWhitespace }) else {
            throw TaskProblem(
                "\(key) has \(bytes.lowerBound) to \(bytes.upperBound) bytes; this has \(text.utf8.count)")
        }
        return text
    }

    private func number(_ key: String, _ range: ClosedRange<Int64>) throws -> Int64? {
        guard let value = object[key] else { return nil }
        guard let number = value.intValue, range.contains(number) else {
            throw TaskProblem("\(key) is a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    private func word<Value: RawRepresentable<String> & CaseIterable>(_ key: String) throws -> Value? {
        guard let text = try text(key, 1...40) else { return nil }
        guard let value = Value(rawValue: text) else {
            throw TaskProblem("\(key) is \(Value.allCases.map(\.rawValue).joined(separator: " or "))")
        }
        return value
    }
}

/// Why something about a task is refused, in words for people and agents: a sentence without its first capital and its
/// full stop.
package struct TaskProblem: Error, Sendable, CustomStringConvertible {
    package enum Code: Sendable { case invalid, notFound, forbidden, conflict }

    package let code: Code
    package let description: String

    package init(_ code: Code = .invalid, _ description: String) {
        self.code = code
        self.description = description
    }

    init(_ description: String) {
        self.init(.invalid, description)
    }

    /// As it stands by itself: “A name is one line.”
    package var sentence: String {
        let text = description.prefix(1).uppercased() + description.dropFirst()
        return text.hasSuffix(".") ? text : text + "."
    }
}
