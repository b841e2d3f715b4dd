internal import Markdown

/// Turns what stands within a paragraph into runs.
struct RichInline {
    /// Whom the text may call; all others are shown.
    var mentions: Set<SlackMention>

    func runs(_ nodes: [MarkdownInline], _ style: RichRun.Style = []) -> [RichRun] {
        var result: [RichRun] = []
        for node in nodes {
            switch node {
            case .text(let text): result += words(text, style)
            case .code(let code): result.append(RichRun(VisibleText.multiline(code), style.union(.code)))
            case .styled(let added, let inner): result += runs(inner, style.union(added.style))
            case .link(let label, let address): result += link(label, address, style)
            }
        }
        return Self.joined(result)
    }

    private func words(_ text: String, _ style: RichRun.Style) -> [RichRun] {
        SlackMention.pieces(of: text) { mentions.contains($0) }.map { piece in
            piece.mention.map { RichRun(.mention($0), style) } ?? RichRun(VisibleText.multiline(piece.text), style)
        }
    }

    /// What cannot be followed, or says it leads somewhere else, shows where it leads.
    private func link(_ label: [MarkdownInline], _ address: String, _ style: RichRun.Style) -> [RichRun] {
        let words = VisibleText.line(label.plain)
        guard let link = SlackLink(address) else {
            let shown = VisibleText.line(address)
            return [RichRun(words == shown ? shown : "\(words) (\(shown))", style)]
        }
        let isBlank = !words.contains { !$0.isWhitespace }
        let run = RichRun(
            .link(url: link.url, label: isBlank ? link.place : words), style.union(Self.style(of: label)))
        guard link.isMisnamed(by: words) else { return [run] }
        return [run, RichRun(" (\(link.place))", style)]
    }

    /// A link is one element: it has a style where all of its words have it.
    private static func style(of label: [MarkdownInline]) -> RichRun.Style {
        guard label.count == 1, let only = label.first else { return [] }
        switch only {
        case .code: return .code
        case .styled(let style, let inner): return style.style.union(Self.style(of: inner))
        case .text, .link: return []
        }
    }

    /// Neighbours of one style as one run, and none that is empty: Slack refuses those.
    static func joined(_ runs: [RichRun]) -> [RichRun] {
        var result: [RichRun] = []
        for run in runs {
            guard case .text(let text) = run.content else {
                result.append(run)
                continue
            }
            if text.isEmpty { continue }
            if let last = result.last, last.style == run.style, case .text(let before) = last.content {
                result[result.count - 1] = RichRun(before + text, run.style)
            } else {
                result.append(run)
            }
        }
        return result
    }
}

extension MarkdownStyle {
    var style: RichRun.Style {
        switch self {
        case .bold: .bold
        case .italic: .italic
        case .strike: .strike
        }
    }
}
