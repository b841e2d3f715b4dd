internal import Markdown

/// Lays a document out in what Slack has: headers, dividers, rich text, a table.
struct SlackLayout {
    private let inline: RichInline
    private let tables: MarkdownToSlack.Tables
    /// Slack takes one table in a message: where there are several, those that are narrow are drawn in letters instead.
    private let hasSeveralTables: Bool
    private(set) var pieces: [SlackPiece] = []

    init(_ document: MarkdownDocument, mentions: Set<SlackMention>, tables: MarkdownToSlack.Tables) {
        inline = RichInline(mentions: mentions)
        self.tables = tables
        hasSeveralTables = document.blocks.count { if case .table = $0 { true } else { false } } > 1
        for block in document.blocks { add(block) }
    }

    private mutating func add(_ block: MarkdownBlock) {
        switch block {
        case .paragraph(let nodes): addSection(inline.runs(nodes))
        case .heading(let level, let nodes): addHeading(level, nodes)
        case .rule: pieces.append(.divider)
        case .code(_, let text): addCode(text)
        case .quote(let blocks):
            let runs = flat(blocks)
            if !runs.isEmpty { pieces.append(.rich(.quote(runs))) }
        case .list(let list): add(list, indent: 0)
        case .table(let table): add(table)
        }
    }

    private mutating func addSection(_ runs: [RichRun], isHeading: Bool = false) {
        if !runs.isEmpty { pieces.append(.rich(.section(runs, isHeading: isHeading))) }
    }

    private mutating func addCode(_ text: String) {
        let shown = VisibleText.multiline(text)
        if !shown.isEmpty { pieces.append(.rich(.code(shown))) }
    }

    /// The first two levels are headers where they are nothing but words: a header shows no marks, and what is escaped in it
    /// is not documented.
    private mutating func addHeading(_ level: Int, _ nodes: [MarkdownInline]) {
        let title = VisibleText.line(nodes.plain)
        let isPlain = nodes.allSatisfy { if case .text = $0 { true } else { false } }
        if level <= 2, isPlain, title.utf16.count <= MessageLimits.header, title.contains(where: { !$0.isWhitespace }),
            !title.contains(where: { "&<>".contains($0) })
        {
            pieces.append(.header(title))
        } else {
            addSection(inline.runs(nodes, .bold), isHeading: true)
        }
    }

    // MARK: - Lists

    private mutating func add(_ list: MarkdownList, indent: Int) {
        let start = max(1, list.start ?? 1)
        var part = RichList(isOrdered: list.start != nil, indent: min(indent, 8), offset: start - 1, items: [])

        func flush(_ pieces: inout [SlackPiece]) {
            if !part.items.isEmpty { pieces.append(.rich(.list(part))) }
            part.offset += part.items.count
            part.items = []
        }
        for item in list.items {
            var runs: [RichRun] = []
            if let isDone = item.isDone { runs.append(RichRun(isDone ? "☑ " : "☐ ")) }
            var rest = item.blocks[...]
            while case .paragraph(let nodes)? = rest.first {
                if !runs.isEmpty, rest.startIndex > item.blocks.startIndex { runs.append(RichRun("\n")) }
                runs += inline.runs(nodes)
                rest = rest.dropFirst()
            }
            // An item needs something to stand on.
            part.items.append(RichInline.joined(runs.isEmpty ? [RichRun(" ")] : runs))
            guard !rest.isEmpty else { continue }
            flush(&pieces)
            for block in rest {
                if case .list(let inner) = block { add(inner, indent: indent + 1) } else { add(block) }
            }
        }
        flush(&pieces)
    }

    // MARK: - Quotations

    /// Everything in one flow: Slack's quotations hold nothing but text.
    private func flat(_ blocks: [MarkdownBlock]) -> [RichRun] {
        var result: [RichRun] = []
        for (number, block) in blocks.enumerated() {
            let runs = flat(block)
            if number > 0, !runs.isEmpty, !result.isEmpty { result.append(RichRun("\n")) }
            result += runs
        }
        return RichInline.joined(result)
    }

    private func flat(_ block: MarkdownBlock) -> [RichRun] {
        switch block {
        case .paragraph(let nodes): inline.runs(nodes)
        case .heading(_, let nodes): inline.runs(nodes, .bold)
        case .rule: [RichRun("———")]
        case .code(_, let text): [RichRun(VisibleText.multiline(text), .code)]
        case .quote(let inner): [RichRun("> ")] + flat(inner)
        case .list(let list):
            list.items.enumerated().flatMap { number, item -> [RichRun] in
                let mark = list.start.map { "\($0 + number). " } ?? "• "
                let box = item.isDone.map { $0 ? "☑ " : "☐ " } ?? ""
                return [RichRun((number > 0 ? "\n" : "") + mark + box)] + flat(item.blocks)
            }
        case .table(let table):
            ([table.header] + table.rows).enumerated().flatMap { number, row -> [RichRun] in
                let cells = row.enumerated().flatMap { column, cell in
                    (column > 0 ? [RichRun(" | ")] : []) + inline.runs(cell)
                }
                return (number > 0 ? [RichRun("\n")] : []) + cells
            }
        }
    }

    // MARK: - Tables

    private mutating func add(_ table: MarkdownTable) {
        let grid = SlackTable(table, inline)
        let letters = grid.drawn(width: 72)
        if grid.isNative, tables == .native, !hasSeveralTables || letters == nil {
            pieces.append(.table(grid))
        } else if let letters {
            pieces.append(.rich(.code(letters)))
        } else {
            pieces.append(.rich(.list(grid.list)))
        }
    }
}
