/// A text in Markdown as its blocks: CommonMark as models write it, with GitHub's tables, task lists and strike-through.
///
/// Lenient where models are: an item's content need be indented by two columns only, and a line feed within a paragraph is
/// a line break. Nothing is refused: what is no mark-up is text.
package struct MarkdownDocument: Hashable, Sendable {
    package var blocks: [MarkdownBlock]

    package init(blocks: [MarkdownBlock]) {
        self.blocks = blocks
    }

    /// `isUnfinished`: more of the text may come; what is open at its end is shown as if it were closed there.
    package init(parsing text: String, isUnfinished: Bool = false) {
        // Positions come from the UTF-8 view: CR LF is a single Character.
        let lines = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
            Substring(line.last == 0x0D ? line.dropLast() : line)
        }
        blocks = BlockParser(lines, depth: 0, isUnfinished: isUnfinished).parse()
    }
}
