internal import MCP
internal import Markdown

/// A table with cells of runs; every row has as many as the widest.
struct SlackTable: Hashable {
    var rows: [[[RichRun]]]
    var alignments: [MarkdownAlignment]

    init(_ table: MarkdownTable, _ inline: RichInline) {
        let count = ([table.header] + table.rows).map(\.count).max() ?? 1
        rows = ([table.header] + table.rows).enumerated().map { number, row in
            (0..<count).map { $0 < row.count ? inline.runs(row[$0], number == 0 ? .bold : []) : [] }
        }
        alignments = (0..<count).map { $0 < table.alignments.count ? table.alignments[$0] : .leading }
    }

    private init(rows: [[[RichRun]]], alignments: [MarkdownAlignment]) {
        self.rows = rows
        self.alignments = alignments
    }

    // MARK: - As Slack's block

    /// A table block of its rows; one cell of more than half a message is more than it can show.
    var isNative: Bool {
        alignments.count <= MessageLimits.tableColumns && rows.allSatisfy { Self.weight(of: $0) <= 4_000 }
    }

    var json: JSONValue {
        let settings = alignments.map { alignment -> JSONValue in
            switch alignment {
            case .leading: ["align": "left", "is_wrapped": true]
            case .trailing: ["align": "right"]
            case .centre: ["align": "center"]
            }
        }
        return [
            "type": "table", "rows": .array(rows.map { .array($0.map(Self.cell)) }),
            "column_settings": .array(settings),
        ]
    }

    private static func cell(_ runs: [RichRun]) -> JSONValue {
        if runs.isEmpty { return ["type": "raw_text", "text": " "] }
        if runs.count == 1, let run = runs.first, run.style.isEmpty, case .text(let text) = run.content {
            return ["type": "raw_text", "text": .string(text)]
        }
        return [
            "type": "rich_text",
            "elements": [["type": "rich_text_section", "elements": .array(runs.map(\.json))]],
        ]
    }

    private static func weight(of row: [[RichRun]]) -> Int {
        JSONValue.array(row.map(cell)).text.utf16.count
    }

    private static func letters(of row: [[RichRun]]) -> Int {
        row.reduce(0) { $0 + $1.reduce(0) { $0 + $1.fallback.utf16.count } }
    }

    /// The rows that go into a message with room for `weight`, and the others under the same header. At least one row goes
    /// into each, so that there is an end.
    func split(weight: Int) -> (first: SlackTable, rest: SlackTable?) {
        var left = weight - JSONValue.array([json["column_settings"] ?? nil]).text.utf16.count - 80
        var text = MessageLimits.tableText
        var count = 0
        for row in rows.prefix(MessageLimits.tableRows) {
            left -= Self.weight(of: row) + 1
            text -= Self.letters(of: row)
            if count > 1, left < 0 || text < 0 { break }
            count += 1
        }
        guard count < rows.count else { return (self, nil) }
        let rest = SlackTable(rows: [rows[0]] + rows[count...], alignments: alignments)
        return (SlackTable(rows: Array(rows[..<count]), alignments: alignments), rest)
    }

    // MARK: - In letters

    /// With aligned columns, for letters of one width; `nil` where it would be wider than so many columns, or where a cell
    /// has something to follow or more than one line.
    func drawn(width: Int) -> String? {
        let cells = rows.map { $0.map(Self.plain) }
        guard let cells = Self.allOrNone(cells) else { return nil }
        let widths = alignments.indices.map { column in cells.map { DisplayWidth.of($0[column]) }.max() ?? 0 }
        guard widths.reduce(0, +) + 2 * (widths.count - 1) <= width else { return nil }
        var lines = cells.map { row in
            row.indices.map { Self.padded(row[$0], widths[$0], alignments[$0]) }.joined(separator: "  ")
        }
        lines.insert(widths.map { String(repeating: "─", count: $0) }.joined(separator: "  "), at: 1)
        return lines.map { line in
            String(line.reversed().drop { $0 == " " }.reversed())
        }.joined(separator: "\n")
    }

    private static func plain(_ runs: [RichRun]) -> String? {
        var text = ""
        for run in runs {
            guard case .text(let words) = run.content, !words.contains("\n") else { return nil }
            text += words
        }
        return text
    }

    private static func allOrNone(_ cells: [[String?]]) -> [[String]]? {
        let found = cells.map { $0.compactMap { $0 } }
        return zip(cells, found).allSatisfy { $0.count == $1.count } ? found : nil
    }

    private static func padded(_ text: String, _ width: Int, _ alignment: MarkdownAlignment) -> String {
        let space = max(0, width - DisplayWidth.of(text))
        let before =
            switch alignment {
            case .leading: 0
            case .trailing: space
            case .centre: space / 2
            }
        return String(repeating: " ", count: before) + text + String(repeating: " ", count: space - before)
    }

    /// A point for each row, with the columns' titles before what stands in them.
    var list: RichList {
        let items = rows.dropFirst().map { row -> [RichRun] in
            var runs: [RichRun] = []
            for (column, cell) in row.enumerated() where !cell.isEmpty {
                if !runs.isEmpty { runs.append(RichRun("\n")) }
                let title = rows[0][column]
                if !title.isEmpty { runs += title + [RichRun(": ", .bold)] }
                runs += cell
            }
            return RichInline.joined(runs.isEmpty ? [RichRun(" ")] : runs)
        }
        // A table of titles alone.
        let titles = rows[0].flatMap { $0 + [RichRun(" ")] }
        return RichList(
            isOrdered: false, indent: 0, offset: 0,
            items: items.isEmpty ? [RichInline.joined(titles.isEmpty ? [RichRun(" ")] : titles)] : Array(items))
    }

    /// Escaped.
    var fallback: String {
        rows.map { row in row.map { $0.map(\.fallback).joined() }.joined(separator: " | ") }.joined(separator: "\n")
    }
}
