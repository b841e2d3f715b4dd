internal import Markdown

/// A block of Markdown that is open: more of its lines may come.
enum OpenBlock: Sendable {
    case paragraph([String])
    /// A list item or a quotation: the first line starts with `first`, the others with `rest`.
    case item(first: StyledLine, rest: StyledLine, lines: [String])
    /// Lines are passed on as they come; the block only remembers what closes it.
    case fence(marker: Character, length: Int)
    case table(header: [String], alignments: [MarkdownAlignment], rows: [[String]])

    /// The lines to print when nothing more belongs to the block.
    func rendered(width: Int) -> [StyledLine] {
        switch self {
        case .paragraph(let lines):
            return InlineMarkdown.render(Self.joined(lines)).wrapped(to: width)
        case .item(let first, let rest, let lines):
            return (first + InlineMarkdown.render(Self.joined(lines))).wrapped(to: width, indent: rest)
        case .fence:
            return []
        case .table(let header, let alignments, let rows):
            let columns = zip(header, alignments).map {
                TextTable.Column(title: InlineMarkdown.render($0), alignment: TextTable.Alignment($1))
            }
            let cells = rows.map { $0.map { InlineMarkdown.render($0) } }
            return TextTable(columns: columns, rows: cells).lines(width: width)
        }
    }

    private static func joined(_ lines: [String]) -> String {
        lines.map { $0.trimmed() }.joined(separator: " ")
    }
}

extension TextTable.Alignment {
    fileprivate init(_ alignment: MarkdownAlignment) {
        switch alignment {
        case .leading: self = .leading
        case .trailing: self = .trailing
        case .centre: self = .centre
        }
    }
}
