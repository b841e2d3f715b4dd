/// Aligned columns: for reports, and for tables in answers.
package struct TextTable: Sendable {
    package enum Alignment: Sendable {
        case leading, trailing, centre
    }

    package struct Column: Sendable {
        package var title: StyledLine
        package var alignment: Alignment
        /// A column is never made narrower than this, unless there is no room at all.
        package var minimum: Int

        package init(_ title: String, alignment: Alignment = .leading, minimum: Int = 6) {
            self.title = StyledLine(title, .bold)
            self.alignment = alignment
            self.minimum = minimum
        }

        package init(title: StyledLine, alignment: Alignment, minimum: Int = 6) {
            self.title = title.adding(.bold)
            self.alignment = alignment
            self.minimum = minimum
        }
    }

    package var columns: [Column]
    package var rows: [[StyledLine]]
    package var gap = "  "

    package init(columns: [Column], rows: [[StyledLine]]) {
        self.columns = columns
        self.rows = rows
    }

    /// `width` nil: as wide as it needs to be (a file, a pipe). Otherwise cells are wrapped until it fits.
    package func lines(width: Int?) -> [StyledLine] {
        let widths = fitted(to: width)
        var result = block(columns.map(\.title), widths)
        result.append(
            StyledLine(widths.map { String(repeating: "─", count: $0) }.joined(separator: gap), .dim))
        for row in rows { result += block(row, widths) }
        return result
    }

    private func fitted(to width: Int?) -> [Int] {
        var widths = columns.indices.map { index in
            rows.reduce(columns[index].title.width) { max($0, index < $1.count ? $1[index].width : 0) }
        }
        guard let width else { return widths }
        let room = width - gap.count * max(0, columns.count - 1)
        while widths.reduce(0, +) > room {
            // The widest that may still shrink gives way; when none may, all do.
            let shrinkable = widths.indices.filter { widths[$0] > columns[$0].minimum }
            let pool = shrinkable.isEmpty ? widths.indices.filter { widths[$0] > 1 } : shrinkable
            guard let widest = pool.max(by: { widths[$0] < widths[$1] }) else { break }
            widths[widest] -= 1
        }
        return widths
    }

    private func block(_ cells: [StyledLine], _ widths: [Int]) -> [StyledLine] {
        let wrapped = widths.indices.map { index in
            index < cells.count
                ? cells[index].wrapped(to: widths[index]).flatMap { $0.hardWrapped(to: widths[index]) } : []
        }
        let height = wrapped.map(\.count).max() ?? 0
        return (0..<max(height, 1)).map { row in
            var line = StyledLine()
            for index in widths.indices {
                if index > 0 { line.append(gap) }
                let cell = row < wrapped[index].count ? wrapped[index][row] : StyledLine()
                let isLast = index == widths.count - 1
                line.append(isLast && columns[index].alignment == .leading ? cell : align(cell, index, widths[index]))
            }
            return line
        }
    }

    private func align(_ cell: StyledLine, _ index: Int, _ width: Int) -> StyledLine {
        switch columns[index].alignment {
        case .leading: cell.padded(to: width)
        case .trailing: cell.padded(to: width, trailing: true)
        case .centre: cell.padded(to: cell.width + (width - cell.width) / 2, trailing: true).padded(to: width)
        }
    }
}
