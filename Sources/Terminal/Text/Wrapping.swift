internal import Markdown

extension StyledLine {
    private struct Cell {
        let character: Character
        let style: Style
        let width: Int
    }

    /// Breaks the line at spaces so that no part is wider than `width` columns; a word that is too long by itself is
    /// broken inside. `indent` is put before every part but the first and counts towards its width.
    package func wrapped(to width: Int, indent: StyledLine = StyledLine()) -> [StyledLine] {
        let limit = max(width, indent.width + 4)
        guard self.width > limit else { return [self] }
        var result: [StyledLine] = []
        var rest = cells[...]
        var prefix = StyledLine()
        while !rest.isEmpty {
            let (taken, remaining) = Self.cut(rest, at: max(1, limit - prefix.width))
            result.append(Self.line(prefix, taken))
            rest = remaining
            prefix = indent
        }
        return result
    }

    /// Breaks the line after exactly as many characters as fit, keeping every space (code, file contents).
    package func hardWrapped(to width: Int) -> [StyledLine] {
        guard self.width > max(1, width) else { return [self] }
        var result: [StyledLine] = []
        var rest = cells[...]
        while !rest.isEmpty {
            let count = Self.fitting(rest, max(1, width))
            result.append(Self.line(StyledLine(), rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        return result
    }

    /// At most `width` columns; what is cut off shows as `…`.
    package func truncated(to width: Int) -> StyledLine {
        guard self.width > width else { return self }
        let all = cells[...]
        let kept = all.prefix(Self.fitting(all, max(1, width - 1), atLeastOne: false))
        return Self.line(StyledLine(), kept) + StyledLine("…", kept.last?.style ?? [])
    }

    /// Filled up with spaces to `width` columns.
    package func padded(to width: Int, trailing: Bool = false) -> StyledLine {
        let space = StyledLine(String(repeating: " ", count: max(0, width - self.width)))
        return trailing ? space + self : self + space
    }

    private var cells: [Cell] {
        spans.flatMap { span in
            span.text.map { Cell(character: $0, style: span.style, width: DisplayWidth.of($0)) }
        }
    }

    /// How many cells fit into `width` columns, trailing marks of no width included.
    private static func fitting(_ cells: ArraySlice<Cell>, _ width: Int, atLeastOne: Bool = true) -> Int {
        var columns = 0
        var count = 0
        for cell in cells {
            guard columns + cell.width <= width else { break }
            columns += cell.width
            count += 1
        }
        return atLeastOne ? max(count, 1) : count
    }

    private static func cut(_ cells: ArraySlice<Cell>, at width: Int) -> (ArraySlice<Cell>, ArraySlice<Cell>) {
        let count = fitting(cells, width)
        guard count < cells.count else { return (cells, []) }
        let end = cells.startIndex + count
        var split = end
        if cells[end].character != " " {
            if let space = cells[cells.startIndex..<end].lastIndex(where: { $0.character == " " }),
                cells[cells.startIndex..<space].contains(where: { $0.character != " " })
            {
                split = space
            }
        }
        let taken = cells[cells.startIndex..<split]
        let trimmed = taken.prefix(upTo: (taken.lastIndex { $0.character != " " }).map { $0 + 1 } ?? split)
        return (trimmed, cells[split...].drop { $0.character == " " })
    }

    private static func line(_ prefix: StyledLine, _ cells: ArraySlice<Cell>) -> StyledLine {
        var result = prefix
        for cell in cells { result.append(part: cell.character, cell.style) }
        return result
    }
}
