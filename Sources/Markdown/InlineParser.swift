/// Reads bold, italic, strike-through, code, links, addresses and line breaks. Costs no more than a fixed multiple of the
/// text's length, whatever is in it.
struct InlineParser {
    let text: [Character]
    /// No link starts behind it.
    let lastLabelEnd: Int
    private let isUnfinished: Bool

    /// Deeper nesting than this is text as it was typed: it bounds the recursion that input can cause.
    private static let maximumDepth = 6
    /// Looks ahead no further than this for the end of something.
    static let reach = 2000

    init(_ text: String, isUnfinished: Bool) {
        let characters = Array(text)
        self.text = characters
        self.isUnfinished = isUnfinished
        lastLabelEnd = characters.lastIndex(of: "]") ?? 0
    }

    func parse() -> [MarkdownInline] {
        nodes(text.indices, depth: 0)
    }

    private struct Marker {
        let sign: Character
        let length: Int
        let style: MarkdownStyle
    }

    private static let markers = [
        Marker(sign: "*", length: 2, style: .bold), Marker(sign: "_", length: 2, style: .bold),
        Marker(sign: "~", length: 2, style: .strike), Marker(sign: "*", length: 1, style: .italic),
        Marker(sign: "_", length: 1, style: .italic),
    ]

    private func nodes(_ range: Range<Int>, depth: Int) -> [MarkdownInline] {
        var result: [MarkdownInline] = []
        var plain = ""
        var index = range.lowerBound
        let isOpenEnded = isUnfinished && range.upperBound == text.count
        // Up to where each marker has been looked for in vain: nobody looks there again.
        var fruitless = Array(repeating: 0, count: Self.markers.count)

        func flush() {
            if !plain.isEmpty { result.append(.text(plain)) }
            plain = ""
        }
        while index < range.upperBound {
            let character = text[index]
            if let (replacement, after) = escape(at: index, range.upperBound) {
                plain += replacement
                index = after
                continue
            }
            if character == "`" {
                let run = self.run(of: "`", at: index, range.upperBound)
                if let (code, after) = codeSpan(at: index, run, range.upperBound, isOpenEnded: isOpenEnded) {
                    flush()
                    if !code.isEmpty { result.append(.code(code)) }
                    index = after
                } else {
                    plain.append(contentsOf: text[index..<(index + run)])
                    index += run
                }
                continue
            }
            if depth < Self.maximumDepth,
                let (style, inner, after) = styled(
                    at: index, range.upperBound, previous: plain.last, isOpenEnded: isOpenEnded, &fruitless)
            {
                flush()
                let nodes = nodes(inner, depth: depth + 1)
                if !nodes.isEmpty { result.append(.styled(style, nodes)) }
                index = after
                continue
            }
            if let link = link(at: index, range.upperBound, isOpenEnded: isOpenEnded) {
                flush()
                let label =
                    depth < Self.maximumDepth
                    ? nodes(link.label, depth: depth + 1) : [.text(String(text[link.label]))]
                if link.address.isEmpty {
                    result += label
                } else {
                    result.append(.link(label: label, address: link.address))
                }
                index = link.after
                continue
            }
            if let (address, after) = address(at: index, range.upperBound, previous: plain.last) {
                flush()
                result.append(.link(label: [.text(address)], address: address))
                index = after
                continue
            }
            plain.append(character)
            index += 1
        }
        flush()
        return result
    }

    func run(of sign: Character, at index: Int, _ end: Int) -> Int {
        text[index..<end].prefix { $0 == sign }.count
    }

    func codeSpan(at index: Int, _ ticks: Int, _ end: Int, isOpenEnded: Bool) -> (String, Int)? {
        guard ticks <= 16 else { return nil }
        let start = index + ticks
        var next = start
        while next < end {
            guard text[next] == "`" else {
                next += 1
                continue
            }
            let run = run(of: "`", at: next, end)
            if run == ticks { return (Self.trimmed(text[start..<next]), next + run) }
            next += run
        }
        return isOpenEnded ? (Self.trimmed(text[start..<end]), end) : nil
    }

    /// One space at both ends belongs to the marks; line feeds are spaces in there.
    private static func trimmed(_ code: ArraySlice<Character>) -> String {
        let code = code.map { $0 == "\n" ? " " : $0 }
        guard code.count > 2, code.first == " ", code.last == " ", code.contains(where: { $0 != " " }) else {
            return String(code)
        }
        return String(code.dropFirst().dropLast())
    }

    private func styled(
        at index: Int, _ end: Int, previous: Character?, isOpenEnded: Bool, _ fruitless: inout [Int]
    ) -> (MarkdownStyle, Range<Int>, Int)? {
        let sign = text[index]
        guard sign == "*" || sign == "_" || sign == "~" else { return nil }
        let run = text[index..<min(end, index + 4)].prefix { $0 == sign }.count
        // A row of stars is a row of stars.
        guard run < 4 else { return nil }
        for (number, marker) in Self.markers.enumerated() where marker.sign == sign && marker.length <= run {
            // snake_case and 2*3 are not emphasis.
            if marker.length == 1 || sign == "_", let previous, previous.isLetter || previous.isNumber { return nil }
            let start = index + marker.length
            guard start < end else { return isOpenEnded ? (marker.style, start..<start, end) : nil }
            guard text[start] != " ", text[start] != "\n" else { return nil }
            if let close = closing(marker, from: start, end, &fruitless[number]) {
                return (marker.style, start..<close, close + marker.length)
            }
            if isOpenEnded { return (marker.style, start..<end, end) }
        }
        return nil
    }

    private func closing(_ marker: Marker, from start: Int, _ end: Int, _ fruitless: inout Int) -> Int? {
        let limit = min(end, start + Self.reach)
        var index = max(start, min(fruitless, limit))
        while index < limit {
            if text[index] == "`" {
                let ticks = run(of: "`", at: index, limit)
                index = codeSpan(at: index, ticks, limit, isOpenEnded: false)?.1 ?? index + ticks
                continue
            }
            guard text[index] == marker.sign else {
                index += text[index] == "\\" ? 2 : 1
                continue
            }
            let run = run(of: marker.sign, at: index, limit)
            let before = index > start ? text[index - 1] : " "
            let after = index + run < end ? text[index + run] : " "
            let isInWord = (marker.sign == "_" || marker.length == 1) && (after.isLetter || after.isNumber)
            if before != " ", before != "\n", !isInWord, run >= marker.length, marker.length == 2 || run != 2 {
                return index + run - marker.length
            }
            index += run
        }
        fruitless = limit
        return nil
    }
}
