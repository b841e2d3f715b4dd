internal import MCP

/// Finds the commands in what a person typed. A command begins at the start of a line or behind ` then `, and ` and also `
/// joins it with the one before; each only where a known verb follows, so that the same words in a text stay text.
enum OfflineCommandParser {
    static let verbs: Set<String> = [
        "run", "$", "read", "schedule", "write", "edit", "find", "search", "publish", "remember", "call", "say", "echo",
        "wait",
        "help",
    ]

    /// Bounds on what one message can ask for.
    static let maximumCommands = 50

    /// Empty where nothing in the text is a command.
    static func parse(_ text: String, attachments: [String] = []) -> [OfflineCommand] {
        if let skill = OfflineSkill.named(text.trimmed) { return [.skill(skill)] }
        var commands: [OfflineCommand] = []
        for segment in segments(of: text) {
            for part in split(segment, at: " then ") {
                let group = split(part, at: " and also ").map { command($0, attachments) }
                guard commands.count < maximumCommands else { return commands }
                commands.append(group.count == 1 ? group[0] : .together(Array(group.prefix(8))))
            }
        }
        return commands
    }

    /// From one line that begins with a verb up to the next such line.
    private static func segments(of text: String) -> [String] {
        var segments: [String] = []
        var isFenced = false
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            // A fenced block is text of the command before it, whatever stands in it.
            if line.trimmed.hasPrefix("```") { isFenced.toggle() }
            if !isFenced, verb(of: line) != nil {
                segments.append(String(line))
            } else if let last = segments.indices.last {
                segments[last] += "\n" + line
            }
        }
        return segments
    }

    /// Only where a verb follows, and never inside double quotes.
    private static func split(_ text: String, at separator: String) -> [String] {
        // The arguments of `call` and the words of `say` may hold anything.
        var parts: [String] = []
        var start = text.startIndex
        var search = text.startIndex
        while let range = text[search...].firstRange(of: separator) {
            search = range.upperBound
            let isQuoted = text[start..<range.lowerBound].count(where: { $0 == "\"" }) % 2 == 1
            guard !isQuoted, verb(of: text[range.upperBound...]) != nil else { continue }
            parts.append(String(text[start..<range.lowerBound]))
            start = range.upperBound
        }
        return parts + [String(text[start...])]
    }

    private static func verb(of text: some StringProtocol) -> String? {
        let text = withoutMark(text.trimmed)
        let word = text.prefix { !$0.isWhitespace }.lowercased()
        let plain = word.hasPrefix("help") ? String(word.prefix { $0.isLetter }) : word
        return verbs.contains(plain) ? plain : nil
    }

    private static func command(_ text: String, _ attachments: [String]) -> OfflineCommand {
        let text = withoutMark(text.trimmed)
        let rest = text.drop { !$0.isWhitespace }
        return OfflineCommand(verb: verb(of: text) ?? "help", rest: String(rest), attachments: attachments)
    }

    /// Lists are how people write several things down: `- run ls`, `2. read a`.
    private static func withoutMark(_ text: String) -> String {
        if text.hasPrefix("- ") || text.hasPrefix("* ") { return text.dropFirst(2).trimmed }
        let number = text.prefix { $0.isASCII && $0.isNumber }
        let rest = text.dropFirst(number.count)
        if !number.isEmpty, number.count < 4, rest.hasPrefix(". ") || rest.hasPrefix(") ") {
            return rest.dropFirst(2).trimmed
        }
        return text
    }
}
