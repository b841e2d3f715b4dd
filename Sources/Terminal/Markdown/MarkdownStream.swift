internal import Markdown

/// Renders Markdown for a terminal while it arrives: ``append(_:)`` gives the lines that nothing to come can change,
/// ``pending`` shows the rest as it stands. Feeding a text in any pieces gives the same lines as feeding it whole.
package struct MarkdownStream: Sendable {
    private let width: Int
    private var partial = ""
    private var open: OpenBlock?
    /// A blank line is printed before the next block, never two, and none at the start.
    private var wantsGap = false
    private var hasPrinted = false

    package init(width: Int) {
        self.width = max(20, width)
    }

    package static func render(_ text: String, width: Int) -> [StyledLine] {
        var stream = MarkdownStream(width: width)
        let lines = stream.append(text)
        return lines + stream.finish()
    }

    package mutating func append(_ text: String) -> [StyledLine] {
        partial += text
        guard let lastFeed = partial.utf8.lastIndex(of: 0x0A) else { return [] }
        // Positions come from the UTF-8 view: CR LF is a single Character.
        let complete = partial[..<lastFeed]
        partial = String(partial[partial.utf8.index(after: lastFeed)...])
        var result: [StyledLine] = []
        for line in complete.utf8.split(separator: 0x0A, omittingEmptySubsequences: false) {
            var text = String(Substring(line))
            if text.utf8.last == 0x0D { text = String(decoding: text.utf8.dropLast(), as: UTF8.self) }
            take(text, into: &result)
        }
        return result
    }

    /// The lines of what is still open, as if nothing more came.
    package var pending: [StyledLine] {
        var copy = self
        return copy.finish()
    }

    package mutating func finish() -> [StyledLine] {
        var result: [StyledLine] = []
        if !partial.isEmpty {
            let line = partial
            partial = ""
            take(line, into: &result)
        }
        close(into: &result)
        open = nil
        return result
    }

    private mutating func take(_ text: String, into result: inout [StyledLine]) {
        if case .fence(let marker, let length) = open {
            if case .fence(marker, let closing, "") = MarkdownLine(text), closing >= length {
                open = nil
                wantsGap = true
            } else {
                emit(code(text), into: &result)
            }
            return
        }
        if extendTable(text) { return }
        switch MarkdownLine(text) {
        case .blank:
            close(into: &result)
            wantsGap = hasPrinted
        case .heading(let level, let title):
            close(into: &result)
            wantsGap = hasPrinted
            let style: Style = level <= 2 ? [.bold, .underline] : .bold
            emit(InlineMarkdown.render(title, style).wrapped(to: width), into: &result)
        case .rule:
            close(into: &result)
            emit([StyledLine(String(repeating: "─", count: min(width, 40)), .dim)], into: &result)
        case .fence(let marker, let length, let language):
            close(into: &result)
            if !language.isEmpty { emit([StyledLine("  " + language, .dim)], into: &result) }
            open = .fence(marker: marker, length: length)
        case .item(let indent, let number, let body):
            close(into: &result)
            let marker = number.map { "\($0)." } ?? "•"
            let lead = String(repeating: " ", count: min(indent / 2 * 2, 12))
            let hanging = lead + String(repeating: " ", count: marker.count + 1)
            open = .item(
                first: StyledLine(lead) + StyledLine(marker + " ", .cyan), rest: StyledLine(hanging), lines: [body])
        case .quote(let body):
            let bar = StyledLine("│ ", .dim)
            if case .item(let first, let rest, let lines) = open, first == bar, !body.isEmpty {
                open = .item(first: first, rest: rest, lines: lines + [body])
            } else {
                close(into: &result)
                open = .item(first: bar, rest: bar, lines: [body])
            }
        case .text(let line):
            extend(with: line, into: &result)
        }
    }

    /// A block longer than this is printed in parts, so that a text without end costs no more than its length.
    private static let longest = 300

    private mutating func extend(with line: String, into result: inout [StyledLine]) {
        switch open {
        case .paragraph(let lines) where lines.count < Self.longest:
            if let header = lines.last, header.contains("|"), let alignments = MarkdownLine.delimiters(line),
                lines.count == 1, MarkdownLine.cells(header).count == alignments.count
            {
                open = .table(header: MarkdownLine.cells(header), alignments: alignments, rows: [])
            } else {
                open = .paragraph(lines + [line])
            }
        case .item(let first, let rest, let lines) where lines.count < Self.longest:
            open = .item(first: first, rest: rest, lines: lines + [line])
        default:
            close(into: &result)
            open = .paragraph([line])
        }
    }

    private mutating func extendTable(_ line: String) -> Bool {
        guard case .table(let header, let alignments, let rows) = open, line.contains("|"),
            rows.count < Self.longest
        else { return false }
        open = .table(header: header, alignments: alignments, rows: rows + [MarkdownLine.cells(line)])
        return true
    }

    private mutating func close(into result: inout [StyledLine]) {
        guard let block = open else { return }
        open = nil
        emit(block.rendered(width: width), into: &result)
        if case .table = block { wantsGap = true }
    }

    private mutating func emit(_ lines: [StyledLine], into result: inout [StyledLine]) {
        guard !lines.isEmpty else { return }
        if wantsGap { result.append(StyledLine()) }
        wantsGap = false
        hasPrinted = true
        result += lines
    }

    private func code(_ text: String) -> [StyledLine] {
        StyledLine(text.replacing("\t", with: "    "), .cyan).hardWrapped(to: width - 2).map {
            StyledLine("  ") + $0
        }
    }
}
