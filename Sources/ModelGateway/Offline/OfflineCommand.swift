internal import MCP

/// One thing a person can tell the offline model to do; docs/offline-model.md is the language.
enum OfflineCommand: Hashable, Sendable {
    case run(String)
    case read([String])
    case write(path: String, text: String)
    case edit(path: String, old: String, new: String)
    case find(pattern: String, path: String?)
    case search(text: String, path: String?)
    case publish(String)
    case remember(String)
    /// Work that begins by itself.
    case schedule(JSONValue, prompt: String)
    case call(tool: String, arguments: JSONObject)
    case say(String)
    case wait(seconds: Int)
    case help
    case skill(OfflineSkill)
    /// Begins like a command and is none: the hint says how it is written.
    case unclear(hint: String)
    /// Asked for at the same time.
    case together([OfflineCommand])
}

extension OfflineCommand {
    static let longestWait = 60

    /// `verb` in lower case, `rest` as typed. `attachments` are the paths of the files sent with the message.
    init(verb: String, rest: String, attachments: [String]) {
        let rest = rest.trimmed
        switch verb {
        case "run", "$": self = rest.isEmpty ? .unclear(hint: "`run COMMAND`") : .run(rest)
        case "read": self = Self.read(rest, attachments)
        case "write": self = Self.write(rest)
        case "edit": self = Self.edit(rest)
        case "find": self = Self.find(rest)
        case "search": self = Self.search(rest)
        case "publish": self = Self.path(rest).map(OfflineCommand.publish) ?? .unclear(hint: "`publish FILE`")
        case "remember": self = rest.isEmpty ? .unclear(hint: "`remember WHAT`") : .remember(rest)
        case "schedule": self = Self.schedule(rest)
        case "call": self = Self.call(rest)
        case "say", "echo": self = .say(rest)
        case "wait":
            let number = rest.split(separator: " ").first.flatMap { Int($0) }
            self = number.map { .wait(seconds: min(max($0, 0), Self.longestWait)) } ?? .unclear(hint: "`wait SECONDS`")
        default: self = .help
        }
    }

    private static func read(_ rest: String, _ attachments: [String]) -> OfflineCommand {
        if rest.isEmpty, !attachments.isEmpty { return .read(attachments) }
        guard let path = path(rest) else { return .unclear(hint: "`read FILE` (quotes around a name with spaces)") }
        return .read([path])
    }

    private static func write(_ rest: String) -> OfflineCommand {
        guard let colon = rest.firstIndex(of: ":"), let path = path(String(rest[..<colon])) else {
            return .unclear(hint: "`write FILE: TEXT`")
        }
        var text = rest[rest.index(after: colon)...]
        if text.first == " " || text.first == "\n" { text = text.dropFirst() }
        return .write(path: path, text: String(text))
    }

    private static func edit(_ rest: String) -> OfflineCommand {
        let hint = OfflineCommand.unclear(hint: "`edit FILE: OLD => NEW`")
        guard case .write(let path, let change) = write(rest), let arrow = change.firstRange(of: "=>") else {
            return hint
        }
        let old = String(change[..<arrow.lowerBound]).trimmed
        guard !old.isEmpty else { return hint }
        return .edit(path: path, old: old, new: String(change[arrow.upperBound...]).trimmed)
    }

    private static func find(_ rest: String) -> OfflineCommand {
        let (what, place) = splitAtIn(rest)
        guard let pattern = path(what) else { return .unclear(hint: "`find PATTERN` or `find PATTERN in FOLDER`") }
        return .find(pattern: pattern, path: place)
    }

    private static func search(_ rest: String) -> OfflineCommand {
        let (what, place) = splitAtIn(rest)
        guard !what.isEmpty else { return .unclear(hint: "`search TEXT` or `search TEXT in PATH`") }
        return .search(text: unquoted(what), path: place)
    }

    private static func schedule(_ rest: String) -> OfflineCommand {
        let hint = OfflineCommand.unclear(
            hint:
                "`schedule every weekday at 9 in Europe/Berlin: COMMAND` (also `every 15 minutes`, `at 2027-01-31T09:00`)"
        )
        guard let colon = rest.firstRange(of: ": "),
            let schedule = OfflineSchedule.schedule(String(rest[..<colon.lowerBound]))
        else { return hint }
        let prompt = String(rest[colon.upperBound...]).trimmed
        return prompt.isEmpty ? hint : .schedule(schedule, prompt: prompt)
    }

    private static func call(_ rest: String) -> OfflineCommand {
        let parts = rest.split(maxSplits: 1, whereSeparator: \.isWhitespace)
        guard let tool = parts.first else { return .unclear(hint: "`call TOOL {\"argument\": \"value\"}`") }
        guard parts.count > 1 else { return .call(tool: String(tool), arguments: [:]) }
        guard case .object(let arguments)? = try? JSONValue(parsing: String(parts[1])) else {
            return .unclear(hint: "`call \(tool) {\"argument\": \"value\"}`, with a JSON object")
        }
        return .call(tool: String(tool), arguments: arguments)
    }

    /// `TEXT in PATH`; the last ` in ` that a single path follows counts.
    private static func splitAtIn(_ text: String) -> (String, String?) {
        guard let range = text.ranges(of: " in ").last, let place = path(String(text[range.upperBound...])) else {
            return (text, nil)
        }
        return (String(text[..<range.lowerBound]).trimmed, place)
    }

    /// One word, or anything in quotes.
    private static func path(_ text: String) -> String? {
        let text = text.trimmed
        let path = unquoted(text)
        guard !path.isEmpty, path != text || !path.contains(where: \.isWhitespace) else { return nil }
        return path
    }

    private static func unquoted(_ text: String) -> String {
        for quote in ["\"", "'", "`", "“”"] {
            guard let open = quote.first, let close = quote.last, text.count >= 2 else { continue }
            if text.first == open, text.last == close { return String(text.dropFirst().dropLast()) }
        }
        return text
    }
}

extension StringProtocol {
    var trimmed: String {
        var text = self[...]
        while let first = text.first, first.isWhitespace { text = text.dropFirst() }
        while let last = text.last, last.isWhitespace { text = text.dropLast() }
        return String(text)
    }
}
