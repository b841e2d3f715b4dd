package import MCP

/// `bulkhead task`: work that begins by itself.
package enum TasksReport {
    package static func list(at location: DaemonLocation, all: Bool, ended: Bool, json: Bool) async -> Int32 {
        await CommandResult.report(at: location, json: json) { client in
            try await client.tasks(all: all, ended: ended)
        } lines: {
            lines($0, width: $1)
        }
    }

    package static func show(at location: DaemonLocation, _ name: String, json: Bool) async -> Int32 {
        await CommandResult.report(at: location, json: json, pretty: true) { client in
            try await client.task(name)
        } lines: { task, _ in
            details(task)
        }
    }

    package static func history(at location: DaemonLocation, _ name: String, json: Bool) async -> Int32 {
        await CommandResult.report(at: location, json: json) { client in
            ["runs": try await client.task(name)["runs"] ?? []]
        } lines: {
            runs($0["runs"]?.arrayValue ?? [], width: $1)
        }
    }

    /// `isPreview`: nothing is made.
    package static func create(
        at location: DaemonLocation, _ fields: JSONObject, isPreview: Bool, json: Bool
    ) async -> Int32 {
        await CommandResult.report(at: location, json: json) { client in
            try await isPreview ? client.previewTask(fields) : client.createTask(fields)
        } lines: { task, _ in
            let head =
                isPreview
                ? StyledLine("\(text(task, "name")) would run \(text(task, "when"))")
                : CommandResult.done("Made \(text(task, "name")) (\(text(task, "id"))): it runs \(text(task, "when"))")
            return [head] + next(task)
        }
    }

    package static func update(
        at location: DaemonLocation, _ name: String, _ fields: JSONObject, json: Bool
    ) async -> Int32 {
        await CommandResult.report(at: location, json: json) { client in
            try await client.updateTask(name, fields)
        } lines: { task, _ in
            [CommandResult.done("Changed: \(text(task, "name")) runs \(text(task, "when"))")] + next(task)
        }
    }

    package static func act(
        at location: DaemonLocation, _ action: String, _ name: String, reason: String = "", json: Bool
    ) async -> Int32 {
        await CommandResult.report(at: location, json: json) { client in
            try await client.taskAction(action, name, reason.isEmpty ? [:] : ["reason": .string(reason)])
        } lines: { answer, width in
            switch action {
            case "pause": [CommandResult.done("Paused. Nothing of it runs until it is resumed.")]
            case "resume": [CommandResult.done("Resumed.")] + next(answer)
            case "cancel": [CommandResult.done("Cancelled. Its history stays.")]
            case "run": [CommandResult.done("It runs now; `bulkhead task history` tells how it went.")]
            case "approve":
                [CommandResult.done("From now on it does this without asking:")] + allowed(answer)
            case "revoke": [CommandResult.done("Taken back: it asks again.")]
            default: runs([answer], width: width)
            }
        }
    }

    package static func webhook(at location: DaemonLocation, _ name: String, renew: Bool, json: Bool) async -> Int32 {
        await CommandResult.report(at: location, json: json) { client in
            try await client.taskAction("webhook", name, ["renew": .bool(renew)])
        } lines: { answer, _ in
            [
                StyledLine("POST to ", .dim) + StyledLine(text(answer, "path"), .bold)
                    + StyledLine(" on the console's address, with", .dim),
                StyledLine("  X-Bulkhead-Timestamp: seconds since 1970"),
                StyledLine("  X-Bulkhead-Signature: v1=HMAC-SHA256(key, TIMESTAMP.BODY) in hexadecimal"),
                StyledLine("  key: ", .dim) + StyledLine(text(answer, "key")),
                StyledLine("Whoever has the key can start the task; --renew makes this one worthless.", .dim),
            ]
        }
    }

    package static func lines(_ answer: JSONValue, width: Int?) -> [StyledLine] {
        let tasks = answer["tasks"]?.arrayValue ?? []
        guard !tasks.isEmpty else {
            return [StyledLine("There are no tasks. Ask the assistant for one, or: bulkhead task create --help", .dim)]
        }
        let columns = [
            TextTable.Column("name", minimum: 12), TextTable.Column("owner", minimum: 6),
            TextTable.Column("runs", minimum: 20), TextTable.Column("next", minimum: 16),
            TextTable.Column("reports to", minimum: 8), TextTable.Column("state", minimum: 8),
        ]
        let rows = tasks.map { task in
            [
                StyledLine(text(task, "name"), .bold), StyledLine(text(task, "owner")), StyledLine(text(task, "when")),
                StyledLine(moment(task["next"]?[0])), StyledLine(text(task, "channel")), state(task),
            ]
        }
        return TextTable(columns: columns, rows: rows).lines(width: width)
    }

    package static func details(_ task: JSONValue) -> [StyledLine] {
        func field(_ name: String, _ value: String) -> StyledLine {
            StyledLine("  " + name, .dim).padded(to: 16) + StyledLine(value)
        }
        var lines = [
            StyledLine(text(task, "name"), .bold) + StyledLine(" of \(text(task, "owner")), ") + state(task),
            field("id", text(task, "id")), field("runs", text(task, "when")),
            field("reports to", text(task, "channel")),
            field("context", text(task, "context")), field("mode", text(task, "mode")),
            field("tier", text(task, "tier")),
            field("missed times", text(task, "missed")), field("made by", text(task, "origin")),
        ]
        if let labels = task["labels"]?.arrayValue, !labels.isEmpty {
            lines.append(field("labels", ReportText.labels(task["labels"])))
        }
        lines.append(StyledLine("  is to do", .dim))
        lines += StyledLine.lines(of: text(task, "prompt")).map { StyledLine("    ") + $0 }
        if let check = task["check"]?.stringValue {
            lines.append(StyledLine("  after its check", .dim))
            lines += StyledLine.lines(of: check).map { StyledLine("    ") + $0 }
        }
        lines += next(task)
        let allowed = allowed(task)
        if !allowed.isEmpty { lines += [StyledLine("Allowed without asking", .bold)] + allowed }
        lines.append(StyledLine("Runs", .bold))
        return lines + runs(task["runs"]?.arrayValue ?? [], width: nil)
    }

    package static func runs(_ runs: [JSONValue], width: Int?) -> [StyledLine] {
        guard !runs.isEmpty else { return [StyledLine("It has not run yet.", .dim)] }
        let columns = [
            TextTable.Column("due", minimum: 19), TextTable.Column("why", minimum: 8),
            TextTable.Column("state", minimum: 9),
            TextTable.Column("took", minimum: 6), TextTable.Column("cost", minimum: 7),
            TextTable.Column("delivery", minimum: 8), TextTable.Column("reason", minimum: 20),
        ]
        let rows = runs.map { run in
            let attempt = run["attempt"]?.intValue ?? 1
            return [
                StyledLine(ReportText.time(run["due"])),
                StyledLine(text(run, "cause") + (attempt > 1 ? ", attempt \(attempt)" : "")), state(run),
                StyledLine(run["seconds"]?.doubleValue.map { "\(Int($0.rounded())) s" } ?? ""),
                StyledLine(dollars(run["microdollars"]?.intValue ?? 0)), StyledLine(text(run, "delivery")),
                StyledLine(text(run, "reason")).truncated(to: 80),
            ]
        }
        return TextTable(columns: columns, rows: rows).lines(width: width)
    }

    static func next(_ task: JSONValue) -> [StyledLine] {
        let times = task["next"]?.arrayValue ?? []
        return times.isEmpty ? [] : [StyledLine("Next", .bold)] + times.map { StyledLine("  " + moment($0)) }
    }

    private static func allowed(_ task: JSONValue) -> [StyledLine] {
        (task["allowed"]?.arrayValue ?? []).map {
            StyledLine("  \(text($0, "tool"))", .bold) + StyledLine(" \(text($0, "to"))")
                + StyledLine(" (\(text($0, "rule")))", .dim)
        }
    }

    private static func state(_ value: JSONValue) -> StyledLine {
        let state = text(value, "state")
        switch state {
        case "active", "succeeded": return StyledLine(state, .green)
        case "failed": return StyledLine(state, .red)
        case "paused", "blocked":
            return StyledLine(state + (value["reason"]?.stringValue.map { " (\($0))" } ?? ""), .yellow)
        default: return StyledLine(state, .dim)
        }
    }

    /// `2026-12-01 09:00 +01:00`: in the task's own zone.
    private static func moment(_ value: JSONValue?) -> String {
        guard let text = value?.stringValue else { return "" }
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5)) \(text.dropFirst(19))"
    }

    private static func dollars(_ micro: Int64) -> String {
        let cents = (micro + 50) / 100
        let rest = String(cents % 10_000)
        return "$\(cents / 10_000)." + String(repeating: "0", count: 4 - rest.count) + rest
    }

    private static func text(_ value: JSONValue, _ key: String) -> String { value[key]?.stringValue ?? "" }
}
