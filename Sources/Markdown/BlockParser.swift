/// Turns lines into blocks; what stands within a quotation or an item is parsed as a document of its own.
struct BlockParser {
    let lines: [Substring]
    let kinds: [MarkdownLine]
    private let depth: Int
    private let isUnfinished: Bool

    /// Deeper than this everything is a paragraph: it bounds the recursion that input can cause.
    private static let maximumDepth = 8
    /// Looks no further than this for the end of a fence within an item.
    private static let reach = 2000

    init(_ lines: [Substring], depth: Int, isUnfinished: Bool) {
        self.lines = lines
        kinds = lines.map { MarkdownLine($0) }
        self.depth = depth
        self.isUnfinished = isUnfinished
    }

    func parse() -> [MarkdownBlock] {
        guard depth < Self.maximumDepth else { return [paragraph(lines[...])] }
        var blocks: [MarkdownBlock] = []
        var index = 0
        while index < lines.count {
            switch kinds[index] {
            case .blank: index += 1
            case .heading(let level, let title):
                blocks.append(.heading(level: level, inline(Self.withoutClosing(title), endsAt: index)))
                index += 1
            case .rule:
                blocks.append(.rule)
                index += 1
            case .fence: blocks.append(code(&index))
            case .quote: blocks.append(quote(&index))
            case .item: blocks.append(list(&index))
            case .text:
                if let table = table(&index) {
                    blocks.append(table)
                } else if MarkdownLine.indent(of: lines[index]) >= 4 {
                    blocks.append(indentedCode(&index))
                } else {
                    blocks.append(paragraph(&index))
                }
            }
        }
        return blocks
    }

    // MARK: - Leaves

    /// Of the text of lines that end with line `last`.
    private func inline(_ text: String, endsAt last: Int) -> [MarkdownInline] {
        MarkdownInline.parse(text, isUnfinished: isUnfinished && last == lines.count - 1)
    }

    /// `# Title #`
    private static func withoutClosing(_ title: String) -> String {
        let tail = title.reversed().prefix { $0 == "#" }.count
        let rest = title.dropLast(tail)
        return tail > 0 && rest.last == " " ? rest.trimmed() : title
    }

    private func paragraph(_ index: inout Int) -> MarkdownBlock {
        let start = index
        index += 1
        while index < lines.count, case .text = kinds[index], !startsTable(index) { index += 1 }
        return paragraph(lines[start..<index])
    }

    private func paragraph(_ part: ArraySlice<Substring>) -> MarkdownBlock {
        .paragraph(inline(part.map { $0.trimmed() }.joined(separator: "\n"), endsAt: part.endIndex - 1))
    }

    private func code(_ index: inout Int) -> MarkdownBlock {
        guard case .fence(_, _, let language) = kinds[index] else { return .rule }
        let indent = MarkdownLine.indent(of: lines[index])
        let end = closing(index) ?? lines.count
        let content = lines[(index + 1)..<max(end, index + 1)].map { Self.stripped($0, columns: indent) }
        index = end + 1
        return .code(language: language, content.joined(separator: "\n"))
    }

    /// The line that closes the fence on line `index`.
    private func closing(_ index: Int, within reach: Int = .max) -> Int? {
        guard case .fence(let marker, let length, _) = kinds[index] else { return nil }
        let rest = kinds[(index + 1)...].prefix(reach)
        return rest.firstIndex { line in
            if case .fence(marker, let closing, "") = line { closing >= length } else { false }
        }
    }

    private func indentedCode(_ index: inout Int) -> MarkdownBlock {
        let start = index
        while index < lines.count, MarkdownLine.indent(of: lines[index]) >= 4 || lines[index].trimmed().isEmpty {
            index += 1
        }
        while lines[index - 1].trimmed().isEmpty { index -= 1 }
        return .code(
            language: "", lines[start..<index].map { Self.stripped($0, columns: 4) }.joined(separator: "\n"))
    }

    private func startsTable(_ index: Int) -> Bool {
        guard index + 1 < lines.count, lines[index].contains("|"),
            let alignments = MarkdownLine.delimiters(lines[index + 1])
        else { return false }
        return MarkdownLine.cells(lines[index]).count == alignments.count
    }

    private func table(_ index: inout Int) -> MarkdownBlock? {
        guard startsTable(index), let alignments = MarkdownLine.delimiters(lines[index + 1]) else { return nil }
        func row(_ line: Substring) -> [MarkdownTable.Cell] {
            MarkdownLine.cells(line).map { MarkdownInline.parse($0) }
        }
        let header = row(lines[index])
        index += 2
        var rows: [[MarkdownTable.Cell]] = []
        while index < lines.count, lines[index].contains("|"), !lines[index].trimmed().isEmpty {
            rows.append(row(lines[index]))
            index += 1
        }
        return .table(MarkdownTable(header: header, alignments: alignments, rows: rows))
    }

    // MARK: - Containers

    private func inner(_ part: [Substring], endsAt last: Int) -> [MarkdownBlock] {
        BlockParser(part, depth: depth + 1, isUnfinished: isUnfinished && last == lines.count - 1).parse()
    }

    /// With the lines of text right after it, which somebody forgot to mark.
    private func quote(_ index: inout Int) -> MarkdownBlock {
        var content: [Substring] = []
        loop: while index < lines.count {
            switch kinds[index] {
            case .quote:
                var line = lines[index].drop { $0 == " " || $0 == "\t" }.dropFirst()
                if line.first == " " { line = line.dropFirst() }
                content.append(line)
            case .text where Self.goesOn(content.last): content.append(lines[index])
            default: break loop
            }
            index += 1
        }
        return .quote(inner(content, endsAt: index - 1))
    }

    private func list(_ index: inout Int) -> MarkdownBlock {
        guard case .item(let base, let first, _) = kinds[index] else { return .rule }
        var items: [MarkdownList.Item] = []
        while index < lines.count, case .item(let indent, let number, _) = kinds[index],
            (base...(base + 1)).contains(indent), (number == nil) == (first == nil)
        {
            items.append(item(&index))
            // Blank lines between two items belong to the list.
            var next = index
            while next < lines.count, case .blank = kinds[next] { next += 1 }
            if next < lines.count, case .item = kinds[next] { index = next }
        }
        return .list(MarkdownList(start: first, items: items))
    }

    private func item(_ index: inout Int) -> MarkdownList.Item {
        guard case .item(let indent, let number, var body) = kinds[index] else { return MarkdownList.Item(blocks: []) }
        // What follows stands below the item's text, or two columns in at least: the least of it says which.
        var columns = indent + 2 + (number.map { String($0).count } ?? 0)
        var isDone: Bool?
        for (mark, value) in [("[ ] ", false), ("[x] ", true), ("[X] ", true)] where body.hasPrefix(mark) {
            isDone = value
            body = body.dropFirst(4).trimmed()
        }
        var content = [Substring(body)]
        index += 1
        while index < lines.count {
            if case .blank = kinds[index] {
                // Belongs to the item where more of it follows.
                var next = index + 1
                while next < lines.count, case .blank = kinds[next] { next += 1 }
                guard next < lines.count, MarkdownLine.indent(of: lines[next]) >= indent + 2 else { break }
                content += lines[index..<next].map { _ in "" }
                index = next
            }
            let isInside = MarkdownLine.indent(of: lines[index]) >= indent + 2
            if isInside { columns = min(columns, MarkdownLine.indent(of: lines[index])) }
            if case .text = kinds[index], Self.goesOn(content.last) {
                // The paragraph goes on, indented or not.
            } else if !isInside {
                break
            }
            // Code may stand further left than the fences around it.
            let last = isInside ? closing(index, within: Self.reach) ?? index : index
            content += lines[index...last].map { Self.stripped($0, columns: columns) }
            index = last + 1
        }
        return MarkdownList.Item(isDone: isDone, blocks: inner(content, endsAt: index - 1))
    }

    /// Whether text on the next line belongs to the same paragraph.
    private static func goesOn(_ line: Substring?) -> Bool {
        switch line.map({ MarkdownLine($0) }) {
        case .text, .item, .quote: true
        default: false
        }
    }

    /// Without the blanks at its start that take up at most so many columns.
    private static func stripped(_ line: Substring, columns: Int) -> Substring {
        var rest = line
        var left = columns
        while left > 0, let first = rest.first {
            if first == " " {
                left -= 1
            } else if first == "\t" {
                if left < 4 { return Substring(String(repeating: " ", count: 4 - left) + rest.dropFirst()) }
                left -= 4
            } else {
                break
            }
            rest = rest.dropFirst()
        }
        return rest
    }
}
