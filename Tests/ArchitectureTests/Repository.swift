import Foundation

/// The checkout these tests were built from.
enum Repository {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// Swift files below `directory`, paths from the root, sorted.
    static func swiftFiles(in directory: String) throws -> [SourceFile] {
        let base = root.appending(path: directory)
        guard let walk = FileManager.default.enumerator(at: base, includingPropertiesForKeys: nil) else { return [] }
        let paths = walk.compactMap { ($0 as? URL)?.path }.filter { $0.hasSuffix(".swift") }.sorted()
        return try paths.map { path in
            let name = String(path.dropFirst(root.path.count + 1))
            return SourceFile(path: name, text: try String(contentsOfFile: path, encoding: .utf8))
        }
    }
}

struct SourceFile {
    let path: String
    let text: String

    /// `Sources/Harness/Gate.swift` belongs to `Harness`.
    var target: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }

    /// Lines without what stands behind `//` (a `//` inside a string cuts too much, never too little of a comment) and
    /// without the inside of multi-line strings, which can be another language.
    var codeLines: [(number: Int, text: String)] {
        var isString = false
        return text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().map { index, line in
            let fences = line.ranges(of: "\"\"\"").count
            let wasString = isString
            if fences % 2 == 1 { isString.toggle() }
            if wasString { return (index + 1, "") }
            let code = line.range(of: "//").map { line[..<$0.lowerBound] } ?? line
            return (index + 1, String(code))
        }
    }

    var imports: [(line: Int, module: String)] {
        let pattern =
            #/^\s*(?:@\w+(?:\(\w+\))?\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?import\s+(?:(?:struct|class|enum|protocol|typealias|func|let|var)\s+)?(\w+)/#
        return codeLines.compactMap { number, line in
            (try? pattern.firstMatch(in: line)).map { (number, String($0.1)) }
        }
    }
}
