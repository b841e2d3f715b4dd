/// What an edit does, as a unified diff for people to read. Bounded; what is left out is said.
package enum LineDiff {
    package static let maximumBytes = 1 << 20
    private static let maximumText = 12 << 10
    /// Of the table for what differs; beyond it the whole differing part is shown as replaced.
    private static let maximumCells = 250_000
    private static let context = 3

    /// `old` nil: there is no such file yet.
    package static func unified(_ old: [UInt8]?, _ new: [UInt8], path: String) -> String {
        if let old, old == new { return "\(path): no change, the file holds this already" }
        guard isText(old ?? []), isText(new) else {
            return "\(path): binary, \(old.map { "\($0.count) bytes" } ?? "new file") → \(new.count) bytes"
        }
        guard (old?.count ?? 0) <= maximumBytes, new.count <= maximumBytes else {
            return tooLarge(old?.count ?? 0, new.count, path: path)
        }
        let lines = changes(split(old ?? []), split(new))
        var text = "--- \(old == nil ? "(new file)" : path)\n+++ \(path)\n"
        var leftOut = 0
        for hunk in hunks(lines) {
            for line in hunk {
                if text.utf8.count + line.utf8.count > maximumText { leftOut += 1 } else { text += line + "\n" }
            }
        }
        if leftOut > 0 { text += "… \(leftOut) more lines of the change are not shown\n" }
        return text
    }

    static func tooLarge(_ old: Int, _ new: Int, path: String) -> String {
        "\(path): \(old) → \(new) bytes, too large to show what changes"
    }

    private static func isText(_ bytes: [UInt8]) -> Bool {
        FileKind(start: Array(bytes.prefix(FileKind.sniffedBytes)), name: "") == .text
    }

    private enum Line {
        case same(ArraySlice<UInt8>), removed(ArraySlice<UInt8>), added(ArraySlice<UInt8>)

        var isChange: Bool { if case .same = self { false } else { true } }
    }

    /// Lines with their ends, so that a last line without one differs.
    private static func split(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var start = 0
        for (index, byte) in bytes.enumerated() where byte == UInt8(ascii: "\n") {
            lines.append(bytes[start...index])
            start = index + 1
        }
        if start < bytes.count { lines.append(bytes[start...]) }
        return lines
    }

    private static func changes(_ old: [ArraySlice<UInt8>], _ new: [ArraySlice<UInt8>]) -> [Line] {
        var head = 0
        while head < min(old.count, new.count), old[head] == new[head] { head += 1 }
        var tail = 0
        while tail < min(old.count, new.count) - head, old[old.count - 1 - tail] == new[new.count - 1 - tail] {
            tail += 1
        }
        let middle = between(Array(old[head..<old.count - tail]), Array(new[head..<new.count - tail]))
        return old[..<head].map(Line.same) + middle + old[(old.count - tail)...].map(Line.same)
    }

    /// The longest common subsequence, by the plain table.
    private static func between(_ old: [ArraySlice<UInt8>], _ new: [ArraySlice<UInt8>]) -> [Line] {
        let width = new.count + 1
        guard (old.count + 1) * width <= maximumCells else {
            return old.map(Line.removed) + new.map(Line.added)
        }
        var longest = [Int32](repeating: 0, count: (old.count + 1) * width)
        for row in old.indices.reversed() {
            for column in new.indices.reversed() {
                longest[row * width + column] =
                    old[row] == new[column]
                    ? longest[(row + 1) * width + column + 1] + 1
                    : max(longest[(row + 1) * width + column], longest[row * width + column + 1])
            }
        }
        var lines: [Line] = []
        var (row, column) = (0, 0)
        while row < old.count || column < new.count {
            if row < old.count, column < new.count, old[row] == new[column] {
                lines.append(.same(old[row]))
                (row, column) = (row + 1, column + 1)
            } else if column == new.count
                || row < old.count
                    && longest[(row + 1) * width + column] >= longest[row * width + column + 1]
            {
                lines.append(.removed(old[row]))
                row += 1
            } else {
                lines.append(.added(new[column]))
                column += 1
            }
        }
        return lines
    }

    private static func hunks(_ lines: [Line]) -> [[String]] {
        let changed = lines.indices.filter { lines[$0].isChange }
        var ranges: [Range<Int>] = []
        for index in changed {
            let range = max(0, index - context)..<min(lines.count, index + context + 1)
            if let last = ranges.last, last.upperBound >= range.lowerBound {
                ranges[ranges.count - 1] = last.lowerBound..<range.upperBound
            } else {
                ranges.append(range)
            }
        }
        var (oldLine, newLine, position) = (1, 1, 0)
        func count(_ range: Range<Int>) -> (old: Int, new: Int) {
            range.reduce(into: (0, 0)) { counts, index in
                if case .added = lines[index] {} else { counts.0 += 1 }
                if case .removed = lines[index] {} else { counts.1 += 1 }
            }
        }
        return ranges.map { range in
            let skipped = count(position..<range.lowerBound)
            (oldLine, newLine) = (oldLine + skipped.old, newLine + skipped.new)
            let size = count(range)
            var text = ["@@ -\(oldLine),\(size.old) +\(newLine),\(size.new) @@"]
            for line in lines[range] {
                switch line {
                case .same(let bytes): text += shown(" ", bytes)
                case .removed(let bytes): text += shown("-", bytes)
                case .added(let bytes): text += shown("+", bytes)
                }
            }
            (oldLine, newLine, position) = (oldLine + size.old, newLine + size.new, range.upperBound)
            return text
        }
    }

    private static func shown(_ mark: String, _ bytes: ArraySlice<UInt8>) -> [String] {
        let hasEnd = bytes.last == UInt8(ascii: "\n")
        let line = mark + String(decoding: hasEnd ? bytes.dropLast() : bytes, as: UTF8.self)
        return hasEnd ? [line] : [line, "\\ no newline at the end"]
    }
}
