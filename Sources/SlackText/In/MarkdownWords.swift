/// Writes Markdown around words that people typed.
enum MarkdownWords {
    /// Marks stand close to the words, or they are none: blanks at the ends stay outside.
    static func marked(_ text: String, _ marks: [String], isCode: Bool) -> String {
        let start = text.prefix { $0.isWhitespace }
        let rest = text.dropFirst(start.count)
        let end = String(rest.reversed().prefix { $0.isWhitespace }.reversed())
        let words = String(rest.dropLast(end.count))
        guard !words.isEmpty else { return text }
        return start + marks.joined() + (isCode ? code(words) : words) + marks.reversed().joined() + end
    }

    static func code(_ text: String) -> String {
        let ticks = String(repeating: "`", count: longestRun(of: "`", in: text) + 1)
        let space = text.hasPrefix("`") || text.hasSuffix("`") ? " " : ""
        return ticks + space + text + space + ticks
    }

    static func link(_ label: String, _ url: String) -> String {
        let label = label.map { "[]\\".contains($0) ? "\\\($0)" : String($0) }.joined()
        let url = url.map { "()".contains($0) ? ($0 == "(" ? "%28" : "%29") : String($0) }.joined()
        return "[\(label)](\(url))"
    }

    static func longestRun(of sign: Character, in text: String) -> Int {
        var (longest, run) = (0, 0)
        for character in text {
            run = character == sign ? run + 1 : 0
            longest = max(longest, run)
        }
        return longest
    }
}

extension String {
    func lines() -> [Substring] {
        split(separator: "\n", omittingEmptySubsequences: false)
    }

    func trimmingNewlines() -> String {
        let start = drop { $0 == "\n" }
        guard let end = start.lastIndex(where: { $0 != "\n" }) else { return "" }
        return String(start[...end])
    }
}
