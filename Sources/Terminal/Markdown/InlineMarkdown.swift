/// Bold, italic, strike-through, code and links within one line of Markdown. What does not close stays as it was typed,
/// so that half a line that is still streaming in reads well. A link always shows its address: the words of a link are
/// its author's, where it leads is what the reader needs to know.
enum InlineMarkdown {
    static func render(_ text: String, _ base: Style = []) -> StyledLine {
        var result = StyledLine()
        render(Array(text)[...], base, 0, into: &result)
        return result
    }

    /// Deeper nesting than this is printed as typed: it bounds the recursion that input can cause.
    private static let maximumDepth = 6

    private static func render(
        _ text: ArraySlice<Character>, _ style: Style, _ depth: Int, into result: inout StyledLine
    ) {
        var rest = text
        var plain = ""
        func flush(_ result: inout StyledLine) {
            result.append(plain, style)
            plain = ""
        }
        while let character = rest.first {
            if character == "\\", let next = rest.dropFirst().first, next.isASCII, next.isPunctuation || next.isSymbol {
                plain.append(next)
                rest = rest.dropFirst(2)
                continue
            }
            if character == "`", let (code, after) = codeSpan(rest) {
                flush(&result)
                result.append(code, style.union(.cyan))
                rest = after
                continue
            }
            if depth < maximumDepth, let (inner, added, after) = emphasis(rest, previous: plain.last) {
                flush(&result)
                render(inner, style.union(added), depth + 1, into: &result)
                rest = after
                continue
            }
            if let link = link(rest) {
                flush(&result)
                if depth < maximumDepth { render(link.label, style.union(.underline), depth + 1, into: &result) }
                if link.address != String(link.label) { result.append(" (" + link.address + ")", style.union(.dim)) }
                rest = link.rest
                continue
            }
            plain.append(character)
            rest = rest.dropFirst()
        }
        flush(&result)
    }

    private static func codeSpan(_ text: ArraySlice<Character>) -> (String, ArraySlice<Character>)? {
        let ticks = text.prefix(4).prefix { $0 == "`" }.count
        guard ticks <= 3 else { return nil }
        var index = text.startIndex + ticks
        let start = index
        while index < text.endIndex {
            guard text[index] == "`" else {
                index += 1
                continue
            }
            let run = text[index...].prefix { $0 == "`" }.count
            if run == ticks {
                var code = String(text[start..<index])
                if code.hasPrefix(" "), code.hasSuffix(" "), code.contains(where: { $0 != " " }) {
                    code = String(code.dropFirst().dropLast())
                }
                return (code, text[(index + run)...])
            }
            index += run
        }
        return nil
    }

    private static func emphasis(
        _ text: ArraySlice<Character>, previous: Character?
    ) -> (ArraySlice<Character>, Style, ArraySlice<Character>)? {
        // A row of stars is a row of stars, and looking for its end from each of them would take long.
        guard let sign = text.first, text.prefix(4).prefix(while: { $0 == sign }).count < 4 else { return nil }
        for (marker, style) in [("**", Style.bold), ("__", .bold), ("~~", .strike), ("*", .italic), ("_", .italic)] {
            let length = marker.count
            guard text.starts(with: marker) else { continue }
            // snake_case and 2*3 are not emphasis.
            if length == 1 || marker == "__", let previous, previous.isLetter || previous.isNumber { return nil }
            let inner = text.dropFirst(length)
            guard let first = inner.first, first != " " else { return nil }
            if let end = closing(marker, inner) {
                return (inner[inner.startIndex..<end], style, inner[(end + length)...])
            }
        }
        return nil
    }

    /// Looks ahead no further than this: a line of a million asterisks must not cost its square.
    private static let reach = 2000

    private static func closing(_ marker: String, _ text: ArraySlice<Character>) -> Int? {
        let length = marker.count
        let sign = marker.first
        var index = text.startIndex
        let end = min(text.endIndex, text.startIndex + reach)
        while index < end {
            let character = text[index]
            if character == "`", let (_, after) = codeSpan(text[index...].prefix(reach)) {
                index = after.startIndex
                continue
            }
            guard character == sign else {
                index += character == "\\" ? 2 : 1
                continue
            }
            let run = text[index...].prefix(reach).prefix { $0 == sign }.count
            let before = index > text.startIndex ? text[index - 1] : " "
            let after = index + run < text.endIndex ? text[index + run] : " "
            let wordInside = (sign == "_" || length == 1) && (after.isLetter || after.isNumber)
            if before != " ", !wordInside, run >= length, length == 2 || run != 2 {
                return index + run - length
            }
            index += run
        }
        return nil
    }

    private struct Link {
        let label: ArraySlice<Character>
        let address: String
        let rest: ArraySlice<Character>
    }

    private static func link(_ text: ArraySlice<Character>) -> Link? {
        var text = text
        if text.first == "!", text.dropFirst().first == "[" { text = text.dropFirst() }
        guard text.first == "[" else { return nil }
        let window = text.prefix(reach)
        guard let close = window.firstIndex(of: "]"), window.indices.contains(close + 1), window[close + 1] == "(",
            let end = window[(close + 1)...].firstIndex(of: ")")
        else { return nil }
        let target = window[(close + 2)..<end].prefix { $0 != " " }
        guard !target.isEmpty else { return nil }
        return Link(
            label: window[(window.startIndex + 1)..<close], address: String(target), rest: text[(end + 1)...])
    }
}
