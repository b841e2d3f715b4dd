/// What is being typed: the text, the cursor and the history. Knows nothing of the terminal.
package struct LineEditor: Sendable {
    package enum Outcome: Sendable, Hashable {
        case edited
        case submitted(String)
        /// Ctrl-C.
        case interrupted
        /// Ctrl-D on an empty line.
        case endOfInput
        /// Not the editor's to act on.
        case other(Key)
    }

    package private(set) var characters: [Character] = []
    package private(set) var cursor = 0
    private var history: [String] = []
    /// `history.count` is the line being written.
    private var place = 0
    private var unsent = ""
    private var killed = ""

    private static let longestHistory = 500

    package init() {}

    package var text: String { String(characters) }
    package var isEmpty: Bool { characters.isEmpty }

    package mutating func replace(with text: String) {
        characters = Array(text)
        cursor = characters.count
    }

    package mutating func handle(_ key: Key) -> Outcome {
        switch key {
        case .text(let text), .paste(let text): insert(text)
        case .newline: insert("\n")
        case .enter: return submit()
        case .backspace: remove(cursor - 1..<cursor)
        case .delete: remove(cursor..<cursor + 1)
        case .left: cursor = max(0, cursor - 1)
        case .right: cursor = min(characters.count, cursor + 1)
        case .home, .control("a"): cursor = lineStart
        case .end, .control("e"): cursor = lineEnd
        case .wordLeft: cursor = wordStart
        case .wordRight: cursor = wordEnd
        case .deleteWord: kill(wordStart..<cursor)
        case .control("u"): kill(lineStart..<cursor)
        case .control("k"): kill(cursor..<lineEnd)
        case .control("y"): insert(killed)
        case .control("b"): cursor = max(0, cursor - 1)
        case .control("f"): cursor = min(characters.count, cursor + 1)
        case .up, .control("p"): moveUp()
        case .down, .control("n"): moveDown()
        case .control("c"): return .interrupted
        case .control("d"):
            guard isEmpty else {
                remove(cursor..<cursor + 1)
                return .edited
            }
            return .endOfInput
        case .tab, .escape, .control: return .other(key)
        }
        return .edited
    }

    private mutating func insert(_ text: String) {
        // Joined with what stands before, so that a mark typed alone still lands on its letter.
        let before = String(characters[..<cursor]) + text
        let joined = Array(before)
        characters = joined + characters[cursor...]
        cursor = joined.count
    }

    private mutating func submit() -> Outcome {
        let line = text
        characters = []
        cursor = 0
        if !line.isEmpty, history.last != line {
            history.append(line)
            if history.count > Self.longestHistory { history.removeFirst() }
        }
        place = history.count
        return .submitted(line)
    }

    private mutating func remove(_ range: Range<Int>) {
        let range = range.clamped(to: 0..<characters.count)
        guard !range.isEmpty else { return }
        characters.removeSubrange(range)
        if cursor > range.lowerBound { cursor = max(range.lowerBound, cursor - range.count) }
    }

    private mutating func kill(_ range: Range<Int>) {
        guard !range.isEmpty else { return }
        killed = String(characters[range])
        remove(range)
    }

    private var lineStart: Int { (characters[..<cursor].lastIndex(of: "\n") ?? -1) + 1 }
    private var lineEnd: Int { characters[cursor...].firstIndex(of: "\n") ?? characters.count }

    private var wordStart: Int {
        let head = characters[..<cursor]
        guard let last = head.lastIndex(where: Self.isWord) else { return 0 }
        return (head[..<last].lastIndex { !Self.isWord($0) } ?? -1) + 1
    }

    private var wordEnd: Int {
        let tail = characters[cursor...]
        guard let first = tail.firstIndex(where: Self.isWord) else { return characters.count }
        return tail[first...].firstIndex { !Self.isWord($0) } ?? characters.count
    }

    private static func isWord(_ character: Character) -> Bool { character.isLetter || character.isNumber }

    /// Within a text of several lines first, then to older lines.
    private mutating func moveUp() {
        let column = cursor - lineStart
        if lineStart > 0 {
            cursor = lineStart - 1
            cursor = min(lineStart + column, cursor)
        } else if place > 0 {
            if place == history.count { unsent = text }
            place -= 1
            replace(with: history[place])
        }
    }

    private mutating func moveDown() {
        let column = cursor - lineStart
        if lineEnd < characters.count {
            cursor = lineEnd + 1
            cursor = min(cursor + column, lineEnd)
        } else if place < history.count {
            place += 1
            replace(with: place == history.count ? unsent : history[place])
        }
    }
}
