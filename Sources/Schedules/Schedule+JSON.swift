internal import Model

/// Stored and shown as JSON: `{"kind":"cron","expression":"0 9 * * 1-5","zone":"Europe/Berlin"}`,
/// `{"kind":"interval","seconds":3600,"anchor":"…Z"}`, `{"kind":"once","at":"…+01:00","zone":"Europe/Berlin"}`,
/// `{"kind":"event","on":"webhook"}`. What is stored keeps its meaning: keys are added, never renamed.
extension Schedule: Codable {
    private enum Key: String, CodingKey {
        case kind, expression, zone, seconds, anchor, at, on, channel, pattern, task, outcomes
    }

    package init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: Key.self)
        let kind = try values.decode(String.self, forKey: .kind)
        switch kind {
        case "cron":
            self = .cron(
                try values.decode(CronExpression.self, forKey: .expression), try values.decode(Zone.self, forKey: .zone)
            )
        case "interval":
            self = .interval(
                try Interval(
                    seconds: try values.decode(Int.self, forKey: .seconds),
                    anchor: try RFC3339.time(try values.decode(String.self, forKey: .anchor))))
        case "once":
            let zone = try values.decodeIfPresent(Zone.self, forKey: .zone) ?? .utc
            self = .once(try RFC3339.time(try values.decode(String.self, forKey: .at), in: zone), zone)
        case "event": self = .event(try Self.trigger(values))
        default:
            throw ScheduleError(
                "a schedule is of kind cron, interval, once or event, not \(ScheduleError.quoted(kind))")
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: Key.self)
        switch self {
        case .cron(let expression, let zone):
            try values.encode("cron", forKey: .kind)
            try values.encode(expression, forKey: .expression)
            try values.encode(zone, forKey: .zone)
        case .interval(let interval):
            try values.encode("interval", forKey: .kind)
            try values.encode(interval.seconds, forKey: .seconds)
            try values.encode(RFC3339.string(interval.anchor, in: .utc), forKey: .anchor)
        case .once(let at, let zone):
            try values.encode("once", forKey: .kind)
            try values.encode(RFC3339.string(at, in: zone), forKey: .at)
            try values.encode(zone, forKey: .zone)
        case .event(let trigger):
            try values.encode("event", forKey: .kind)
            try Self.encode(trigger, &values)
        }
    }

    private static func trigger(_ values: KeyedDecodingContainer<Key>) throws -> EventTrigger {
        let on = try values.decode(String.self, forKey: .on)
        switch on {
        case "webhook": return .webhook
        case "message":
            return .message(
                channel: try values.decode(ChannelID.self, forKey: .channel),
                pattern: try MessagePattern(try values.decode(String.self, forKey: .pattern)))
        case "task":
            let outcomes = try values.decode(Set<EventTrigger.Outcome>.self, forKey: .outcomes)
            guard !outcomes.isEmpty else { throw ScheduleError("outcomes are succeeded, failed or both") }
            return .task(try values.decode(String.self, forKey: .task), outcomes: outcomes)
        default:
            throw ScheduleError("an event is on webhook, message or task, not \(ScheduleError.quoted(on))")
        }
    }

    private static func encode(_ trigger: EventTrigger, _ values: inout KeyedEncodingContainer<Key>) throws {
        switch trigger {
        case .webhook: try values.encode("webhook", forKey: .on)
        case .message(let channel, let pattern):
            try values.encode("message", forKey: .on)
            try values.encode(channel, forKey: .channel)
            try values.encode(pattern.text, forKey: .pattern)
        case .task(let task, let outcomes):
            try values.encode("task", forKey: .on)
            try values.encode(task, forKey: .task)
            try values.encode(outcomes.map(\.rawValue).sorted(), forKey: .outcomes)
        }
    }
}
