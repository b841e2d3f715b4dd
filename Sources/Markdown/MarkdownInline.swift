/// What stands within a paragraph, a heading or a cell.
package indirect enum MarkdownInline: Hashable, Sendable {
    /// As it is to be shown: escapes and entities are resolved. A line feed is a line break.
    case text(String)
    case code(String)
    case styled(MarkdownStyle, [MarkdownInline])
    /// An address that was written bare has itself as its label. Any scheme: who shows it decides what may be followed.
    case link(label: [MarkdownInline], address: String)

    /// What does not close stays as it was typed, so that half a line that is still streaming in reads well.
    /// `isUnfinished`: more of the text may come; what is open at its end is taken as closed there.
    package static func parse(_ text: String, isUnfinished: Bool = false) -> [MarkdownInline] {
        InlineParser(text, isUnfinished: isUnfinished).parse()
    }

    /// The words alone.
    package var plain: String {
        switch self {
        case .text(let text), .code(let text): text
        case .styled(_, let inner): inner.plain
        case .link(let label, _): label.plain
        }
    }
}

package enum MarkdownStyle: Hashable, Sendable {
    case bold, italic, strike
}

extension [MarkdownInline] {
    package var plain: String { map(\.plain).joined() }
}
