/// An exact replacement in a file's bytes. Pure: what it does to a file is `EditFileTool`'s.
package struct TextEdit: Sendable, Hashable {
    package struct Result: Sendable, Hashable {
        package var bytes: [UInt8]
        /// First lines of the places that were replaced, from 1.
        package var lines: [Int]
    }

    package var old: String
    package var new: String
    package var replacesAll: Bool

    package init(old: String, new: String, replacesAll: Bool = false) {
        self.old = old
        self.new = new
        self.replacesAll = replacesAll
    }

    package func apply(to file: [UInt8], path: String) throws(ToolProblem) -> Result {
        guard !old.isEmpty else {
            throw ToolProblem(
                "\"old_string\" is empty. Give the text to replace; to write a whole file use write_file.")
        }
        guard Array(old.utf8) != Array(new.utf8) else {
            throw ToolProblem("\"old_string\" and \"new_string\" are the same, so nothing would change.")
        }
        var pattern = Array(old.utf8)
        var replacement = Array(new.utf8)
        var places = Self.places(of: pattern, in: file)
        // Models write \n; in a file with Windows line ends the same lines are meant, and stay Windows lines.
        if places.isEmpty, !pattern.contains(UInt8(ascii: "\r")), file.contains(UInt8(ascii: "\r")) {
            pattern = Self.withCarriageReturns(pattern)
            replacement = Self.withCarriageReturns(replacement.filter { $0 != UInt8(ascii: "\r") })
            places = Self.places(of: pattern, in: file)
        }
        guard !places.isEmpty else { throw notFound(file, path) }
        let lines = Self.lines(of: places, in: file)
        guard places.count == 1 || replacesAll else {
            let listed = lines.prefix(8).map(String.init).joined(separator: ", ")
            throw ToolProblem(
                "\"old_string\" is in \(path) \(places.count) times (lines \(listed)\(lines.count > 8 ? ", …" : "")). Nothing "
                    + "was changed. Add lines around it to make it unique, or set replace_all.")
        }
        var result: [UInt8] = []
        result.reserveCapacity(file.count)
        var copied = 0
        for place in places {
            result += file[copied..<place]
            result += replacement
            copied = place + pattern.count
        }
        result += file[copied...]
        return Result(bytes: result, lines: lines)
    }

    /// Where `pattern` begins, from left to right, none inside another. Knuth–Morris–Pratt: linear whatever the input.
    static func places(of pattern: [UInt8], in file: [UInt8]) -> [Int] {
        guard !pattern.isEmpty, pattern.count <= file.count else { return [] }
        var fallback = [Int](repeating: 0, count: pattern.count)
        var matched = 0
        for index in pattern.indices.dropFirst() {
            while matched > 0, pattern[index] != pattern[matched] { matched = fallback[matched - 1] }
            if pattern[index] == pattern[matched] { matched += 1 }
            fallback[index] = matched
        }
        var places: [Int] = []
        matched = 0
        for index in file.indices {
            while matched > 0, file[index] != pattern[matched] { matched = fallback[matched - 1] }
            if file[index] == pattern[matched] { matched += 1 }
            guard matched == pattern.count else { continue }
            places.append(index + 1 - pattern.count)
            matched = 0
        }
        return places
    }

    private static func lines(of places: [Int], in file: [UInt8]) -> [Int] {
        var line = 1
        var position = 0
        return places.map { place in
            line += file[position..<place].count { $0 == UInt8(ascii: "\n") }
            position = place
            return line
        }
    }

    private static func withCarriageReturns(_ bytes: [UInt8]) -> [UInt8] {
        bytes.flatMap { $0 == UInt8(ascii: "\n") ? [UInt8(ascii: "\r"), $0] : [$0] }
    }

    /// Points at the line that differs from the wanted one by white space only, or contains it.
    private func notFound(_ file: [UInt8], _ path: String) -> ToolProblem {
        let wanted = old.split(whereSeparator: \.isNewline).map(Self.bare).first { !$0.isEmpty } ?? ""
        let sentence = "\"old_string\" is not in \(path); nothing was changed."
        guard !wanted.isEmpty else { return ToolProblem("\(sentence) Read the file again and copy the text exactly.") }
        var partial: (Int, String)?
        let lines = String(decoding: file, as: UTF8.self).split(
            omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (index, line) in lines.enumerated() {
            let bare = Self.bare(line)
            if bare == wanted {
                return ToolProblem(
                    "\(sentence) Line \(index + 1) is nearest and reads: \(line.prefix(300)) . White space or the lines "
                        + "around it differ.")
            }
            if partial == nil, bare.contains(wanted) || bare.count > 8 && wanted.contains(bare) {
                partial = (index + 1, String(line.prefix(300)))
            }
        }
        guard let (line, text) = partial else {
            return ToolProblem("\(sentence) Read the file again and copy the text exactly.")
        }
        return ToolProblem("\(sentence) Line \(line) is nearest and reads: \(text)")
    }

    private static func bare(_ line: some StringProtocol) -> String {
        String(line.filter { !$0.isWhitespace })
    }
}
