extension InlineParser {
    struct Link {
        let label: Range<Int>
        /// Empty while it is still being written.
        let address: String
        let after: Int
    }

    /// `[label](address "title")` and `![label](address)`; brackets within the label and parentheses within the address
    /// have to balance.
    func link(at index: Int, _ end: Int, isOpenEnded: Bool) -> Link? {
        let start = text[index] == "!" && index + 1 < end ? index + 1 : index
        guard text[start] == "[", start < lastLabelEnd else { return nil }
        let limit = min(end, start + Self.reach)
        guard let close = balanced("[", "]", from: start, limit), close + 1 < limit, text[close + 1] == "(" else {
            return nil
        }
        let label = (start + 1)..<close
        guard let last = balanced("(", ")", from: close + 1, limit) else {
            // The address is on its way: until it is there, the words will do.
            return isOpenEnded && limit == end && !text[(close + 1)..<end].contains("\n")
                ? Link(label: label, address: "", after: end) : nil
        }
        var target = text[(close + 2)..<last]
        if target.first == "<", let bracket = target.firstIndex(of: ">") {
            target = target[(target.startIndex + 1)..<bracket]
        } else {
            target = target.prefix { $0 != " " && $0 != "\n" }
        }
        guard !target.isEmpty else { return nil }
        return Link(label: label, address: String(target), after: last + 1)
    }

    private func balanced(_ open: Character, _ close: Character, from start: Int, _ limit: Int) -> Int? {
        var depth = 0
        var index = start
        while index < limit {
            let character = text[index]
            if character == "\\" { index += 1 }
            if character == open { depth += 1 }
            if character == close {
                depth -= 1
                if depth == 0 { return index }
            }
            index += 1
        }
        return nil
    }

    /// An address that is written as it is: `https://…`, or `<…>` around that or a mail address.
    func address(at index: Int, _ end: Int, previous: Character?) -> (String, Int)? {
        if text[index] == "<" { return bracketed(at: index, end) }
        guard text[index] == "h" || text[index] == "H" else { return nil }
        if let previous, previous.isLetter || previous.isNumber || previous == "_" { return nil }
        let head = String(text[index..<min(end, index + 8)]).lowercased()
        guard head.hasPrefix("http://") || head.hasPrefix("https://") else { return nil }
        var stop = index
        let limit = min(end, index + Self.reach)
        while stop < limit, !Self.endsAddress(text[stop]) { stop += 1 }
        // Part of an address is another address.
        guard stop < limit || limit == end else { return nil }
        stop = withoutTail(index, stop)
        guard stop > index + (head.hasPrefix("https") ? 8 : 7) else { return nil }
        return (String(text[index..<stop]), stop)
    }

    private static func endsAddress(_ character: Character) -> Bool {
        character.isWhitespace || "<>\"`[]{}|\\^".contains(character)
    }

    /// The sentence's punctuation is not the address's; a closing parenthesis is, where it was opened in there.
    private func withoutTail(_ start: Int, _ stop: Int) -> Int {
        var stop = stop
        var unopened = text[start..<stop].reduce(0) { $0 + ($1 == ")" ? 1 : $1 == "(" ? -1 : 0) }
        while stop > start {
            let last = text[stop - 1]
            if last == ")", unopened > 0 {
                unopened -= 1
            } else if !".,;:!?'*_~".contains(last) {
                break
            }
            stop -= 1
        }
        return stop
    }

    private func bracketed(at index: Int, _ end: Int) -> (String, Int)? {
        let limit = min(end, index + Self.reach)
        guard
            let close = text[(index + 1)..<limit].firstIndex(where: { $0 == ">" || $0 == "<" || $0.isWhitespace }),
            text[close] == ">"
        else { return nil }
        let inner = String(text[(index + 1)..<close])
        let lower = inner.lowercased()
        if ["http://", "https://", "mailto:"].contains(where: { lower.hasPrefix($0) && lower != $0 }) {
            return (inner, close + 1)
        }
        let parts = inner.split(separator: "@", omittingEmptySubsequences: false)
        let isMail =
            parts.count == 2
            && parts.allSatisfy { part in
                !part.isEmpty && part.utf8.allSatisfy { Self.isMailByte($0) }
            } && parts[1].contains(".")
        return isMail ? ("mailto:" + inner, close + 1) : nil
    }

    private static func isMailByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "+"): true
        default: false
        }
    }

    // MARK: - Escapes

    private static let entities: [String: String] = [
        "&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": "\"", "&apos;": "'", "&#39;": "'", "&nbsp;": "\u{A0}",
    ]
    private static let breaks: Set<String> = ["<br>", "<br/>", "<br />"]

    /// A backslash before punctuation or at the end of a line, an entity, a break in HTML, which tables have no other for.
    func escape(at index: Int, _ end: Int) -> (String, Int)? {
        switch text[index] {
        case "\\":
            guard index + 1 < end else { return nil }
            let next = text[index + 1]
            if next == "\n" { return ("\n", index + 2) }
            return next.isASCII && (next.isPunctuation || next.isSymbol) ? (String(next), index + 2) : nil
        case "&":
            guard let close = text[index..<min(end, index + 6)].firstIndex(of: ";"),
                let character = Self.entities[String(text[index...close])]
            else { return nil }
            return (character, close + 1)
        case "<":
            guard let close = text[index..<min(end, index + 6)].firstIndex(of: ">"),
                Self.breaks.contains(String(text[index...close]).lowercased())
            else { return nil }
            return ("\n", close + 1)
        default:
            return nil
        }
    }
}
