/// Output in two parts: lines that are finished scroll away above; below them a few live lines are drawn anew whenever
/// something changes. Nothing but the live lines is ever drawn over.
package struct LiveScreen: Sendable {
    private let descriptor: Int32
    private let styled: Bool
    private var widths: [Int] = []
    private var cursorRow = 0
    private var drawn = ""

    package init(descriptor: Int32, styled: Bool) {
        self.descriptor = descriptor
        self.styled = styled
    }

    /// Prints `finished` for good, then draws `live` with the cursor at the given place in it. `columns` is the width of
    /// the terminal now: live lines drawn for a wider one have been folded by it.
    package mutating func update(
        finished: [StyledLine], live: [StyledLine], row: Int, column: Int, columns: Int, rows: Int
    ) {
        // Taller than the terminal, the top could not be reached again to draw over it.
        let hidden = max(0, live.count - max(1, rows - 1))
        let live = Array(live.dropFirst(hidden))
        let row = min(max(0, row - hidden), max(0, live.count - 1))
        var picture = live.map { $0.truncated(to: columns).rendered(styled: styled) }.joined(separator: "\r\n")
        let below = live.count - 1 - row
        if below > 0 { picture += "\u{1B}[\(below)A" }
        picture += "\r"
        if column > 0 { picture += "\u{1B}[\(min(column, columns - 1))C" }
        guard picture != drawn || !finished.isEmpty else { return }
        var output = erasing(columns: columns)
        for line in finished { output += line.rendered(styled: styled) + "\r\n" }
        TerminalDevice.write("\u{1B}[?25l" + output + picture + "\u{1B}[?25h", to: descriptor)
        widths = live.map { min($0.width, columns) }
        cursorRow = row
        drawn = picture
    }

    /// Takes the live lines away, for good or before something else uses the terminal.
    package mutating func clear(columns: Int) {
        TerminalDevice.write(erasing(columns: columns), to: descriptor)
        widths = []
        cursorRow = 0
        drawn = ""
    }

    private func erasing(columns: Int) -> String {
        let above = widths.prefix(cursorRow).reduce(0) { $0 + max(1, ($1 + columns - 1) / columns) }
        return "\r" + (above > 0 ? "\u{1B}[\(above)A" : "") + "\u{1B}[J"
    }
}
