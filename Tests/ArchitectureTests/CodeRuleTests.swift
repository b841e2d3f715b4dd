import Testing

/// Rules a compiler does not hold us to.
@Suite struct CodeRuleTests {
    static func traps(in file: SourceFile) -> [String] {
        // Built from pieces where it could otherwise find itself.
        let words = ["try" + "!", "as" + "!", "fatal" + "Error("]
        return file.codeLines.flatMap { number, line in
            words.filter { word in
                line.ranges(of: word).contains { range in
                    guard range.lowerBound > line.startIndex else { return true }
                    let before = line[line.index(before: range.lowerBound)]
                    return !(before.isLetter || before.isNumber || before == "_")
                }
            }.map { "\(file.path):\(number): \($0)" }
        }
    }

    /// A trap ends the process for everyone.
    @Test func noSourceTrapsOnPurpose() throws {
        let found = try Repository.swiftFiles(in: "Sources").flatMap(Self.traps)
        #expect(found.isEmpty, "\(found.joined(separator: "\n"))")
    }

    @Test(arguments: [
        ("let a = try! f()", 1), ("x as! Int", 1), ("    fatalError(\"no\")", 1), ("// try! nothing", 0),
        ("let alias = has!", 0), ("retry!()", 0), ("try? f()", 0),
        ("let a = \"\"\"\n  try! inside\n  \"\"\"\ntry! f()", 1),
    ])
    func aTrapIsSeen(line: String, count: Int) {
        #expect(Self.traps(in: SourceFile(path: "Sources/X/X.swift", text: line)).count == count)
    }

    @Test func filesStayReadable() throws {
        let files = try Repository.swiftFiles(in: "Sources") + Repository.swiftFiles(in: "Tests")
        let long = files.map { ($0.path, $0.text.split(separator: "\n", omittingEmptySubsequences: false).count) }
            .filter { $0.1 > 500 }
        #expect(long.isEmpty, "split these, one concept each: \(long)")
    }
}
