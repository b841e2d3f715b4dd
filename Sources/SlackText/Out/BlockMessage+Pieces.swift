internal import MCP

extension BlockMessage {
    /// Rich text that stands together becomes one block; the line feeds between its paragraphs are part of it.
    init(_ pieces: [SlackPiece], limits: MessageLimits) {
        var blocks: [JSONValue] = []
        var rich: [RichElement] = []

        func flush() {
            if !rich.isEmpty {
                blocks.append(["type": "rich_text", "elements": .array(Self.spaced(rich).map(\.json))])
            }
            rich = []
        }
        for piece in pieces {
            switch piece {
            case .rich(let element):
                rich.append(element)
                continue
            case .header(let title):
                flush()
                let text: JSONValue = ["type": "plain_text", "text": .string(title), "emoji": false]
                blocks.append(["type": "header", "text": text])
            case .divider:
                flush()
                blocks.append(["type": "divider"])
            case .table(let table):
                flush()
                blocks.append(table.json)
            }
        }
        flush()
        self.init(text: Self.fallback(pieces, limits), blocks: blocks)
    }

    /// Paragraphs that follow each other become one section with a blank line between them; Slack puts no space there by
    /// itself, nor after a list or a quotation.
    static func spaced(_ elements: [RichElement], gap: String = "\n\n") -> [RichElement] {
        var result: [RichElement] = []
        for element in elements {
            guard case .section(let runs, let isHeading) = element else {
                result.append(element)
                continue
            }
            switch result.last {
            case .section(let before, let isTitle)?:
                let gap = RichRun(isTitle ? "\n" : gap)
                result[result.count - 1] = .section(RichInline.joined(before + [gap] + runs), isHeading: isHeading)
            case .list?, .quote?:
                result.append(.section(RichInline.joined([RichRun("\n")] + runs), isHeading: isHeading))
            case .code?, nil:
                result.append(element)
            }
        }
        return result
    }

    private static func fallback(_ pieces: [SlackPiece], _ limits: MessageLimits) -> String {
        var text = ""
        for piece in pieces {
            if !text.isEmpty { text += "\n" }
            text += piece.fallback
            if text.utf16.count > limits.fallback { break }
        }
        let cut = SlackEscaping.cutEscaped(text, most: limits.fallback)
        return cut.contains { !$0.isWhitespace } ? cut : "…"
    }
}
