/// What one line of Markdown is by itself.
enum MarkdownLine {
    case blank
    case heading(level: Int, String)
    case rule
    case fence(marker: Character, length: Int, language: String)
    case item(indent: Int, marker: String, String)
    case quote(String)
    case text(String)

    init(_ line: String) {
        let indent = line.prefix { $0 == " " || $0 == "\t" }.reduce(0) { $0 + ($1 == "\t" ? 4 : 1) }
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
                self = .item(indent: indent, marker: "•", body.dropFirst(2).trimmed())
                return
            }
        default:
            let digits = body.prefix { $0.isASCII && $0.isNumber }
            let after = body.dropFirst(digits.count)
            if (1...9).contains(digits.count), after.first == "." || after.first == ")",
                after.dropFirst().first == " "
            {
                self = .item(indent: indent, marker: digits + ".", after.dropFirst(2).trimmed())
                return
            }
        }
        self = .text(line)
    }

    /// Cells of `| a | b |`; `\|` is a bar within a cell.
    static func cells(_ line: String) -> [String] {
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
    static func delimiters(_ line: String) -> [TextTable.Alignment]? {
        guard line.contains("-"), line.allSatisfy({ "|-: \t".contains($0) }) else { return nil }
        var result: [TextTable.Alignment] = []
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
