import Testing
import WorkspaceTools

@Suite struct TextEditTests {
    private func edit(_ text: String, _ old: String, _ new: String, all: Bool = false) throws -> String {
        let edit = TextEdit(old: old, new: new, replacesAll: all)
        return String(decoding: try edit.apply(to: Array(text.utf8), path: "f").bytes, as: UTF8.self)
    }

    @Test(arguments: [
        ("abc", "b", "x", "axc"), ("abc", "abc", "", ""), ("a\r\nb\r\nc", "a\nb", "1\n2", "1\r\n2\r\nc"),
        ("a\r\nb", "a\r\nb", "x\ny", "x\ny"), ("aXa", "X", "a\\1$0", "aa\\1$0a"), ("é", "é", "e", "e"),
        ("e\u{301}", "e\u{301}", "x", "x"),
    ])
    func replaces(_ text: String, _ old: String, _ new: String, _ expected: String) throws {
        #expect(Array(try edit(text, old, new).utf8) == Array(expected.utf8))
    }

    @Test func everyOccurrenceFromTheLeftNoneInsideAnother() throws {
        #expect(try edit("aaaaa", "aa", "b", all: true) == "bba")
        #expect(try edit("ababab", "ab", "", all: true) == "")
    }

    @Test(arguments: [
        ("abc", "", "x"), ("abc", "b", "b"), ("abc", "d", "x"), ("aba", "a", "x"), ("", "a", "x"),
        ("é", "e\u{301}", "x"),
    ])
    func refuses(_ text: String, _ old: String, _ new: String) {
        #expect(throws: ToolProblem.self) { _ = try edit(text, old, new) }
    }

    @Test func bytesThatAreNoTextStay() throws {
        let edit = TextEdit(old: "b", new: "x")
        #expect(try edit.apply(to: [0xFF, 0x62, 0xFE], path: "f").bytes == [0xFF, 0x78, 0xFE])
    }

    @Test func aRepetitivePatternTakesLinearTime() throws {
        let file = Array(String(repeating: "a", count: 400_000).utf8)
        let edit = TextEdit(old: String(repeating: "a", count: 20_000) + "b", new: "x")
        #expect(throws: ToolProblem.self) { _ = try edit.apply(to: file, path: "f") }
    }
}
