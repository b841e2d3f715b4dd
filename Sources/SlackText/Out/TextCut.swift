internal import MCP

/// Where a text is cut in two so that the first part fits.
enum TextCut {
    /// How much of a message's weight a text takes: as JSON writes it.
    static func weight(_ text: some StringProtocol) -> Int {
        text.utf16.reduce(0) { $0 + weight($1) }
    }

    private static func weight(_ unit: UInt16) -> Int {
        switch unit {
        case 0x22, 0x5C, 0x0A, 0x0D, 0x09: 2
        case 0..<0x20: 6
        default: 1
        }
    }

    /// The longest beginning of at most `weight`: up to the end of a line, else of a word, where one is in the second half;
    /// else between two characters. The line feed or space at the cut goes; code is not cut `atWords`. At least one scalar is taken, so that there is an
    /// end; `nil` where all of it fits.
    static func split(_ text: String, weight: Int, atWords: Bool = true) -> (first: String, rest: String)? {
        var used = 0
        var end = text.startIndex
        var line: String.Index?
        var word: String.Index?
        while end < text.endIndex {
            let next = text.index(after: end)
            used += self.weight(text[end..<next])
            if used > weight { break }
            if text[end] == "\n", used > weight / 2 { line = end }
            if text[end] == " ", atWords, used > weight / 2 { word = end }
            end = next
        }
        guard end < text.endIndex else { return nil }
        if text[end] == "\n" || (text[end] == " " && atWords), end > text.startIndex {
            return at(end, of: text, skipping: true)
        }
        if let cut = line ?? word { return at(cut, of: text, skipping: true) }
        if end > text.startIndex { return at(end, of: text, skipping: false) }
        // One character that is larger than all the room there is: an emoji of a thousand joined ones.
        let scalars = text.unicodeScalars
        var index = scalars.index(after: scalars.startIndex)
        var taken = self.weight(text[..<index])
        while index < scalars.endIndex {
            let next = scalars.index(after: index)
            taken += self.weight(text[index..<next])
            if taken > weight { break }
            index = next
        }
        return index < text.endIndex ? (String(text[..<index]), String(text[index...])) : nil
    }

    private static func at(_ index: String.Index, of text: String, skipping: Bool) -> (String, String)? {
        let rest = skipping ? text[text.index(after: index)...] : text[index...]
        return (String(text[..<index]), String(rest))
    }
}
