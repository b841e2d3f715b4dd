/// What one line of Markdown is by itself.
package enum MarkdownLine {
    case blank
    case heading(level: Int, String)
    case rule
    case fence(marker: Character, length: Int, language: String)
    /// `number` for `1.` and `1)`, `nil` for a bullet; `indent` in columns.
    case item(indent: Int, number: Int?, String)
    case quote(String)
    case text(String)

    package init(_ line: some StringProtocol) {
        let body = line.trimmed()
        guard let first = body.first else {
            self = .blank
            return
        }
        switch first {
        case "#":
            let level = body.prefix { $0 == "#" }.count
            let rest = body.dropFirst(level)
            if level <= 6, rest.first == " " {
                self = .heading(level: level, rest.trimmed())
                return
            }
        case "`", "~":
            let length = body.prefix { $0 == first }.count
            let language = body.dropFirst(length).trimmed()
            if length >= 3, !language.contains("`") {
                self = .fence(marker: first, length: length, language: language)
                return
            }
        case ">":
            self = .quote(body.dropFirst().trimmed())
            return
        case "-", "*", "_", "+":
            if first != "+", body.count >= 3, body.allSatisfy({ $0 == first || $0 == " " }),
                body.count(where: { $0 == first }) >= 3
            {
                self = .rule
                return
            }
            if first != "_", body.dropFirst().first == " " {
                self = .item(indent: Self.indent(of: line), number: nil, body.dropFirst(2).trimmed())
                return
            }
        default:
            let digits = body.prefix { $0.isASCII && $0.isNumber }
            let after = body.dropFirst(digits.count)
            if (1...9).contains(digits.count), let number = Int(digits), after.first == "." || after.first == ")",
                after.dropFirst().first == " "
            {
                self = .item(indent: Self.indent(of: line), number: number, after.dropFirst(2).trimmed())
                return
            }
        }
        self = .text(String(line))
    }

    /// In columns; a tab counts as four.
    static func indent(of line: some StringProtocol) -> Int {
        line.prefix { $0 == " " || $0 == "\t" }.reduce(0) { $0 + ($1 == "\t" ? 4 : 1) }
    }

    /// Cells of `| a | b |`; `\|` is a bar within a cell.
    package static func cells(_ line: some StringProtocol) -> [String] {
        var cells: [String] = []
        var cell = ""
        var isEscaped = false
        for character in line.trimmed() {
            if character == "|", !isEscaped {
                cells.append(cell.trimmed())
                cell = ""
            } else {
                if isEscaped, character == "|" { cell.removeLast() }
                cell.append(character)
            }
            isEscaped = character == "\\" && !isEscaped
        }
        cells.append(cell.trimmed())
        if cells.first == "", cells.count > 1 { cells.removeFirst() }
        if cells.last == "", cells.count > 1 { cells.removeLast() }
        return cells
    }

    /// The alignments of `|---|:--:|--:|`; `nil` where the line is none.
    package static func delimiters(_ line: some StringProtocol) -> [MarkdownAlignment]? {
        guard line.contains("-"), line.allSatisfy({ "|-: \t".contains($0) }) else { return nil }
        var result: [MarkdownAlignment] = []
        for cell in cells(line) {
            guard cell.contains("-"), cell.drop(while: { $0 == ":" }).prefix(while: { $0 == "-" }).count > 0 else {
                return nil
            }
            result.append(
                cell.hasSuffix(":") ? (cell.hasPrefix(":") ? .centre : .trailing) : .leading)
        }
        return result
    }
}

/// Of a table's column.
package enum MarkdownAlignment: Hashable, Sendable {
    case leading, trailing, centre
}

extension StringProtocol {
    /// Without spaces and tabs at both ends.
    package func trimmed() -> String {
        let start = drop { $0 == " " || $0 == "\t" }
        guard let end = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return "" }
        return String(start[...end])
    }
}
