/// A block of a document, whole.
package indirect enum MarkdownBlock: Hashable, Sendable {
    case paragraph([MarkdownInline])
    /// 1 to 6.
    case heading(level: Int, [MarkdownInline])
    case rule
    /// As it stands between the fences, without the last line feed.
    case code(language: String, String)
    case quote([MarkdownBlock])
    case list(MarkdownList)
    case table(MarkdownTable)
}

package struct MarkdownList: Hashable, Sendable {
    package struct Item: Hashable, Sendable {
        /// Of a task list: whether it is ticked.
        package var isDone: Bool?
        package var blocks: [MarkdownBlock]

        package init(isDone: Bool? = nil, blocks: [MarkdownBlock]) {
            self.isDone = isDone
            self.blocks = blocks
        }
    }

    /// The first item's number; `nil` for bullets.
    package var start: Int?
    package var items: [Item]

    package init(start: Int?, items: [Item]) {
        self.start = start
        self.items = items
    }
}

package struct MarkdownTable: Hashable, Sendable {
    package typealias Cell = [MarkdownInline]

    package var header: [Cell]
    /// As many as there are cells in the header.
    package var alignments: [MarkdownAlignment]
    /// Each may be shorter or longer than the header.
    package var rows: [[Cell]]

    package init(header: [Cell], alignments: [MarkdownAlignment], rows: [[Cell]]) {
        self.header = header
        self.alignments = alignments
        self.rows = rows
    }
}
