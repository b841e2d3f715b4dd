/// What the offline model says of itself, and how it shows results.
enum OfflineWords {
    static let signature = "_From the offline demo model: a fixed script, no AI. With an API key a real model answers._"

    static func help(_ tools: [OfflineTool]) -> String {
        let names = tools.map { "`\($0.name)`" }.joined(separator: ", ")
        return """
            I am the **offline demo model**: no AI, only a small program that does what these commands say. \
            Everything around me is real: sandboxes, tools, permission checks, the audit.

            | type | and |
            | --- | --- |
            | `run ls -la` | a shell command runs in the sandbox |
            | `read report.pdf` | a file is shown; PDF, Word, Excel and slides as text |
            | `write notes.txt: some text` | a file is written (the text may go on over more lines) |
            | `edit notes.txt: some => more` | text in a file is replaced |
            | `find *.csv in /workspace/global` | files are found by name |
            | `search pricing in /workspace/global` | files are searched for text |
            | `publish notes.txt` | a file is handed out to the conversation |
            | `schedule every weekday at 9: say good morning` | a task that begins by itself |
            | `remember we meet on Tuesdays` | a note for later, where there is a memory |
            | `call TOOL {"argument": "value"}` | any tool is called as it is |
            | `say …`, `wait 3` | I say that; I take three seconds |

            Several commands go on lines of their own or are joined by ` then `; ` and also ` runs them side by side. \
            \(names.isEmpty ? "No tools are offered here." : "The tools here: \(names).")

            For a real model, an administrator sets an API key (`make key`, or `model.key_file` in the configuration).
            """
    }

    static func notUnderstood(_ asked: String, _ tools: [OfflineTool]) -> String {
        let quoted = asked.isEmpty ? "" : " “\(asked.oneLine(120))” is beyond me."
        return """
            I am the **offline demo model**: no AI, only a small program that follows commands, so that Bulkhead can be \
            tried without an API key.\(quoted)

            Try one of these, or `help` for all:

            - `run ls -la /workspace/global/samples`
            - `write hello.txt: Hello from the sandbox then read hello.txt`
            - `search pricing in /workspace/global/samples/notes`
            - \(OfflineStarters.all.prefix(2).map { "“\($0.title)”" }.joined(separator: " or "))

            For a real model, an administrator sets an API key (`make key`, or `model.key_file` in the configuration).
            """
    }

    /// A result as people read it: what was done, what came of it, how much of it there is.
    static func show(_ outcome: OfflineConversation.Outcome, label: String, shows: OfflineCall.Shows) -> String {
        var text = outcome.result.trimmedOfNewlines
        var head = "**\(code(label.oneLine(100)))**" + (outcome.failed ? " failed" : "")
        if let (rest, ending) = ending(of: text) {
            text = rest
            head += " (\(ending))"
        }
        if text.isEmpty || text == "(no output)" { return "\(head): no output" }
        let isShort = !text.contains(where: \.isNewline) && text.utf8.count <= 300
        if shows == .sentence, isShort { return "\(head): \(text)" }
        let (cut, note) = shorten(text)
        return "\(head)\n\n\(fenced(cut))\(note)"
    }

    /// Tools that run commands tell how it ended in brackets on the last line: `[exit status 0, 12 ms]`.
    private static func ending(of text: String) -> (rest: String, ending: String)? {
        let start = text.lastIndex(where: \.isNewline).map(text.index(after:)) ?? text.startIndex
        let line = text[start...]
        guard line.hasPrefix("["), line.hasSuffix("]"), line.count < 200, line.count > 2 else { return nil }
        return (String(text[..<start]).trimmedOfNewlines, String(line.dropFirst().dropLast()))
    }

    /// A fence that nothing inside can close.
    static func fenced(_ text: String, language: String = "") -> String {
        var longest = 0
        var run = 0
        for byte in text.utf8 {
            run = byte == UInt8(ascii: "`") ? run + 1 : 0
            longest = max(longest, run)
        }
        let fence = String(repeating: "`", count: max(3, longest + 1))
        return "\(fence)\(language)\n\(text)\n\(fence)"
    }

    private static let longestShown = 6000

    private static func shorten(_ text: String) -> (String, String) {
        let lines = text.count(where: \.isNewline) + 1
        let size = "\(lines) line\(lines == 1 ? "" : "s"), \(text.utf8.count) bytes"
        guard text.utf8.count > longestShown else { return (text, lines > 20 ? "\n_\(size)_" : "") }
        // By characters, so that none is cut in two; a character is at least one byte.
        return (String(text.prefix(longestShown / 2)), "\n_The beginning of \(size)._")
    }

    static func code(_ text: String) -> String {
        text.contains("`") ? "`` \(text) ``" : "`\(text)`"
    }
}

extension String {
    /// The first line, cut.
    func oneLine(_ limit: Int) -> String {
        let line = prefix { !$0.isNewline }
        return line.count > limit || line.endIndex < endIndex ? line.prefix(limit) + "…" : String(line)
    }

    var trimmedOfNewlines: String {
        var text = self[...]
        while let first = text.first, first.isNewline { text = text.dropFirst() }
        while let last = text.last, last.isWhitespace { text = text.dropLast() }
        return String(text)
    }
}
