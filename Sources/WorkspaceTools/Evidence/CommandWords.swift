/// The words of a command that may name files. Told without running it, so it is neither bash's reading nor complete: a
/// word too many only binds a file more, and what the shell works out (patterns, variables) is named as such.
package struct CommandWords: Hashable, Sendable {
    package private(set) var words: [String] = []
    /// As written: `*.csv`, `$FILE`.
    package private(set) var workedOut: [String] = []

    private static let maximumWords = 1000
    /// False where the command has more words than are looked at.
    package private(set) var isComplete = true

    package init(_ command: String) {
        var seen: Set<String> = []
        for (word, isWorkedOut) in Self.quoted(command) {
            if isWorkedOut { workedOut.append(word) } else { add(word, &seen) }
        }
        // Again without regard to quotes: what stands in `bash -c "sh report.sh"` is words too.
        for word in command.split(whereSeparator: { Self.isSeparator($0) || "'\"`\\".contains($0) }) {
            add(String(word), &seen)
        }
    }

    private mutating func add(_ word: String, _ seen: inout Set<String>) {
        var forms = [word]
        // `--file=report.sh`, `A=report.sh`, `@data.json`
        if let equals = word.lastIndex(of: "=") { forms.append(String(word[word.index(after: equals)...])) }
        if word.hasPrefix("@") { forms.append(String(word.dropFirst())) }
        for form in forms where !form.isEmpty && form != "." && form != "/" && !form.utf8.contains(0) {
            guard seen.insert(form).inserted else { continue }
            guard words.count < Self.maximumWords else {
                isComplete = false
                return
            }
            words.append(form)
        }
    }

    private static func isSeparator(_ character: Character) -> Bool {
        character.isWhitespace || ";&|<>()".contains(character)
    }

    /// Words with their quotes taken off.
    private static func quoted(_ command: String) -> [(word: String, isWorkedOut: Bool)] {
        var result: [(String, Bool)] = []
        var word = ""
        var isOpen = false
        var isWorkedOut = false
        var quote: Character?
        var isEscaped = false
        func end() {
            if isOpen { result.append((word, isWorkedOut)) }
            (word, isOpen, isWorkedOut) = ("", false, false)
        }
        for character in command {
            if isEscaped {
                word.append(character)
                isEscaped = false
            } else if character == "\\", quote != "'" {
                (isEscaped, isOpen) = (true, true)
            } else if let open = quote {
                if character == open { quote = nil } else { word.append(character) }
                if open == "\"", character == "$" || character == "`" { isWorkedOut = true }
            } else if character == "'" || character == "\"" {
                (quote, isOpen) = (character, true)
            } else if isSeparator(character) {
                end()
            } else {
                if "*?[{$`".contains(character) { isWorkedOut = true }
                word.append(character)
                isOpen = true
            }
        }
        end()
        return result
    }
}
