internal import MCP

/// Whether a command provably only reads. Not a list of what is dangerous, which nobody can complete, but of what is
/// understood: plain words, known programs, known options. Everything else is "no", and a person is asked.
///
/// It speaks of the words as bash reads them in its first state, so the gate has such commands run in one: with the
/// environment a session starts with, whatever commands before have exported (`PATH`, `BASH_ENV`, functions).
enum ReadOnlyCommand {
    private static let longest = 4096

    /// `arguments` of a tool that runs commands; one argument that is not known here could mean anything.
    static func isProven(_ arguments: JSONObject) -> Bool {
        guard arguments.keys.allSatisfy({ $0 == "command" || $0 == "timeout_seconds" }),
            let command = arguments["command"]?.stringValue
        else { return false }
        return isProven(command)
    }

    static func isProven(_ command: String) -> Bool {
        guard command.utf8.count <= longest, let commands = ShellWords.read(command) else { return false }
        return commands.allSatisfy { words in
            guard let name = words.first, let program = ReadingProgram.known[name] else { return false }
            return program.accepts(words.dropFirst())
        }
    }
}

extension Rule {
    /// Decides for commands in "Ask before commands" that need no question.
    package static let readOnlyCommand = Rule(name: "provably read-only command")
}

/// The small part of bash's grammar that has one reading: words, quotes without expansions, and `|`, `&&`, `||`, `;`
/// between commands.
enum ShellWords {
    /// The commands' words, quotes taken off. `nil` for anything that is more than plain: expansions, substitutions,
    /// redirections, globs (a file may be named like an option), assignments, comments, escapes, background jobs.
    static func read(_ text: String) -> [[String]]? {
        var reader = Reader(bytes: Array(text.utf8)[...])
        return reader.read()
    }

    private struct Reader {
        var bytes: ArraySlice<UInt8>
        private var finished: [[String]] = []
        private var words: [String] = []
        private var word: [UInt8]?

        init(bytes: ArraySlice<UInt8>) {
            self.bytes = bytes
        }

        mutating func read() -> [[String]]? {
            while let byte = bytes.popFirst() {
                switch byte {
                case UInt8(ascii: " "), UInt8(ascii: "\t"): endWord()
                case UInt8(ascii: "'"), UInt8(ascii: "\""): guard quoted(until: byte) else { return nil }
                case UInt8(ascii: "|"), UInt8(ascii: "&"), UInt8(ascii: ";"):
                    guard separated(by: byte) else { return nil }
                case _ where Self.isPlain(byte): word = (word ?? []) + [byte]
                default: return nil
                }
            }
            endWord()
            // A trailing newline or separator is not worth a question less.
            guard !words.isEmpty else { return nil }
            finished.append(words)
            return finished
        }

        private mutating func endWord() {
            guard let word else { return }
            words.append(String(decoding: word, as: UTF8.self))
            self.word = nil
        }

        /// Up to the same quote. In double quotes nothing is taken that bash would look into.
        private mutating func quoted(until quote: UInt8) -> Bool {
            var text = word ?? []
            while let byte = bytes.popFirst() {
                if byte == quote {
                    word = text
                    return true
                }
                guard byte >= 0x20, byte != 0x7F else { return false }
                if quote == UInt8(ascii: "\""), Self.isActive(byte) { return false }
                text.append(byte)
            }
            return false
        }

        private mutating func separated(by byte: UInt8) -> Bool {
            let isDouble = bytes.first == byte
            if isDouble { bytes.removeFirst() }
            if byte == UInt8(ascii: "&"), !isDouble { return false }
            if byte == UInt8(ascii: ";"), isDouble { return false }
            endWord()
            guard !words.isEmpty else { return false }
            finished.append(words)
            words = []
            return true
        }

        private static func isActive(_ byte: UInt8) -> Bool {
            [UInt8(ascii: "$"), UInt8(ascii: "`"), UInt8(ascii: "\\"), UInt8(ascii: "!")].contains(byte)
        }

        /// Means itself wherever it stands unquoted. `=` is among them: what would be an assignment is no known program.
        private static func isPlain(_ byte: UInt8) -> Bool {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "_./,:=@%+-".utf8.contains(byte)
            }
        }
    }
}
