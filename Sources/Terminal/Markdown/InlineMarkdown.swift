internal import Markdown

/// What stands within a block, styled. A link always shows its address: the words of a link are its author's, where it
/// leads is what the reader needs to know.
enum InlineMarkdown {
    static func render(_ text: String, _ base: Style = []) -> StyledLine {
        var result = StyledLine()
        render(MarkdownInline.parse(text), base, into: &result)
        return result
    }

    private static func render(_ nodes: [MarkdownInline], _ style: Style, into result: inout StyledLine) {
        for node in nodes {
            switch node {
            case .text(let text): result.append(text.replacing("\n", with: " "), style)
            case .code(let code): result.append(code, style.union(.cyan))
            case .styled(let added, let inner): render(inner, style.union(added.style), into: &result)
            case .link(let label, let address):
                render(label, style.union(.underline), into: &result)
                if address != label.plain { result.append(" (" + address + ")", style.union(.dim)) }
            }
        }
    }
}

extension MarkdownStyle {
    fileprivate var style: Style {
        switch self {
        case .bold: .bold
        case .italic: .italic
        case .strike: .strike
        }
    }
}
