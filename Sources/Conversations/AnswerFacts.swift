internal import Audit
internal import MCP
internal import Model
internal import NetworkRules
internal import Store
internal import ToolServers

/// What can be said of an answer from what is on record of its turn: pure functions.
enum AnswerFacts {
    private static let inbox = "/workspace/session/inbox/"

    /// "2 files changed", "1 command run".
    static func done(by calls: [ToolCallRecord]) -> [String] {
        let ended = calls.filter { $0.state == .done }
        let changed = Set(ended.filter { UndoJournal.covers($0.tool) }.compactMap { argument("path", of: $0) })
        let commands = ended.count { BuiltInTool.all[$0.tool]?.runsCommands == true }
        return [
            counted(changed.count, "file changed", "files changed"), counted(commands, "command run", "commands run"),
        ]
        .compactMap(\.self)
    }

    /// `files`: what people gave, by name, with when; `reached`: hosts that commands were let out to. At most eight, each once,
    /// in the order they were read.
    static func sources(
        of calls: [ToolCallRecord], files: [String: Timestamp], reached: [String], at time: Timestamp
    ) -> [String] {
        var sources: [String] = []
        for call in calls where call.state == .done {
            switch call.tool {
            case "read_file":
                guard let path = argument("path", of: call), path.hasPrefix(inbox) else { continue }
                let name = String(path.dropFirst(inbox.count))
                guard let given = files[name] else { continue }
                sources.append("\(name) (\(age(since: given, at: time)))")
            case "http_request":
                guard let host = argument("url", of: call).flatMap(HostName.init(ofURL:)) else { continue }
                sources.append("\(host) (asked just now)")
            default: continue
            }
        }
        sources += reached.map { "\($0) (asked just now)" }
        var seen: Set<String> = []
        return Array(sources.filter { seen.insert($0).inserted }.prefix(8))
    }

    static func details(
        of answer: AnswerRecord, calls: [ToolCallRecord], models: [ModelCallEntry], route: RouteRecord? = nil,
        notes: [(String, String)] = []
    ) -> AnswerDetails {
        var lines: [(String, String)] = []
        if let route {
            lines.append(("Tier", "\(route.started) (score \(hundredths(route.score))). \(route.reason)"))
        }
        lines += notes
        for (model, entries) in Dictionary(grouping: models, by: { "\($0.tier): \($0.model) (\($0.provider))" })
            .sorted(by: { $0.key < $1.key })
        {
            lines.append(("Model", "\(model), \(counted(entries.count, "call", "calls") ?? "")"))
        }
        let input = models.reduce(0) { $0 + $1.inputTokens + $1.cacheReadTokens + $1.cacheWriteTokens }
        let output = models.reduce(0) { $0 + $1.outputTokens }
        let cached = models.reduce(0) { $0 + $1.cacheReadTokens }
        lines.append(("Tokens", "\(input) in\(fromCache(cached, of: input)), \(output) out"))
        lines.append(("Cost", dollars(models.reduce(0) { $0 + $1.microdollars })))
        lines.append(("Took", took(answer.message.created.duration(since: answer.asked))))
        lines.append(("Tools", tools(calls)))
        lines.append(("Touched", touched(answer.session.labels)))
        lines.append(("Session", "\(answer.session.id) (bulkhead audit --session \(answer.session.id))"))
        return AnswerDetails(lines: lines)
    }

    /// Which part of what the models were told their providers had kept: nothing where nothing was told.
    static func fromCache(_ cached: Int, of input: Int) -> String {
        input > 0 ? " (\(Int((Double(cached) / Double(input) * 100).rounded()))% from the prompt cache)" : ""
    }

    /// ``AnswerSummary/dollars(_:)``.
    static func dollars(_ microdollars: Int64) -> String {
        let places = microdollars > 0 && microdollars < 10_000 ? 4 : 2
        let unit: Int64 = places == 4 ? 100 : 10_000
        let rounded = (microdollars + unit / 2) / unit
        let scale: Int64 = places == 4 ? 10_000 : 100
        let rest = String(rounded % scale)
        return "$\(rounded / scale)." + String(repeating: "0", count: places - rest.count) + rest
    }

    private static func tools(_ calls: [ToolCallRecord]) -> String {
        var order: [String] = []
        var counts: [String: (all: Int, bad: Int)] = [:]
        for call in calls {
            if counts[call.tool] == nil { order.append(call.tool) }
            let isBad = call.state != .done
            let count = counts[call.tool] ?? (0, 0)
            counts[call.tool] = (count.all + 1, count.bad + (isBad ? 1 : 0))
        }
        let words = order.map { tool in
            let count = counts[tool] ?? (0, 0)
            return "\(tool) × \(count.all)" + (count.bad > 0 ? " (\(count.bad) not done)" : "")
        }
        return words.isEmpty ? "none" : words.joined(separator: ", ")
    }

    private static func touched(_ labels: Labels) -> String {
        let words =
            (labels.contains(.untrusted) ? ["content from outside"] : [])
            + (labels.contains(.private) ? ["private data"] : [])
        return words.isEmpty ? "nothing from outside, nothing private" : words.joined(separator: ", ")
    }

    private static func hundredths(_ score: Double) -> String {
        let whole = Int((max(0, min(1, score)) * 100).rounded())
        return "\(whole / 100).\(whole % 100 < 10 ? "0" : "")\(whole % 100)"
    }

    private static func took(_ duration: Duration) -> String {
        let seconds = max(0, duration.components.seconds)
        return seconds < 120 ? "\(seconds) s" : "\(seconds / 60) min \(seconds % 60) s"
    }

    static func age(since time: Timestamp, at now: Timestamp) -> String {
        let minutes = max(0, now.duration(since: time).components.seconds / 60)
        switch minutes {
        case ..<60: return "given just now"
        case ..<2880: return "given \(minutes / 60) h before"
        default: return "given \(minutes / 1440) days before"
        }
    }

    private static func counted(_ count: Int, _ one: String, _ many: String) -> String? {
        count == 0 ? nil : count == 1 ? "1 \(one)" : "\(count) \(many)"
    }

    private static func argument(_ name: String, of call: ToolCallRecord) -> String? {
        (try? JSONValue(parsing: Array(call.arguments.utf8)))?[name]?.stringValue
    }
}
