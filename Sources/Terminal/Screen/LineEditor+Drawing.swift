extension LineEditor {
    /// The lines to show for the text and where the cursor is in them, within `width` columns and `height` rows; of a
    /// longer text the part around the cursor is shown.
    package func drawn(
        prompt: StyledLine, width: Int, height: Int
    ) -> (lines: [StyledLine], row: Int, column: Int) {
        let room = max(4, width - prompt.width)
        let indent = StyledLine(String(repeating: " ", count: prompt.width))
        var rows: [StyledLine] = []
        var current = StyledLine()
        var columns = 0
        var position = (row: 0, column: 0)
        func endRow() {
            rows.append((rows.isEmpty ? prompt : indent) + current)
            current = StyledLine()
            columns = 0
        }
        for (index, character) in characters.enumerated() {
            let shown = character == "\n" ? StyledLine() : StyledLine(String(character))
            if character != "\n", columns + shown.width > room { endRow() }
            if index == cursor { position = (rows.count, columns) }
            if character == "\n" {
                endRow()
            } else {
                current.append(shown)
                columns += shown.width
            }
        }
        if cursor == characters.count {
            if columns >= room { endRow() }
            position = (rows.count, columns)
        }
        endRow()
        let height = max(1, height)
        let first = max(0, min(position.row - height / 2, rows.count - height))
        return (
            Array(rows[first..<min(rows.count, first + height)]), position.row - first, position.column + prompt.width
        )
    }
}
