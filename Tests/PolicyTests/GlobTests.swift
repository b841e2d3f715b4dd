import Policy
import Testing

@Suite struct GlobTests {
    @Test(arguments: [
        ("bash", "bash", true), ("bash", "bash2", false), ("bash", "Bash", false), ("web_*", "web_", true),
        ("web_*", "web_fetch", true), ("web_*", "aweb_", false), ("*", "", true), ("?", "", false),
        ("a?c", "abc", true),
        ("*_file", "write_file", true), ("*a*b*", "xxaxxbxx", true), ("*a*b*", "xxbxxaxx", false), ("**", "x", true),
        ("a*", "b", false), ("*ab", "aab", true), ("*.*", "a.b.c", true), ("[a]", "a", false), ("\\*", "*", false),
    ])
    func matches(pattern: String, text: String, expected: Bool) throws {
        #expect(try #require(Glob(pattern)).matches(text) == expected)
    }

    @Test func refusesEmptyAndLongPatterns() {
        #expect(Glob("") == nil)
        #expect(Glob(String(repeating: "*", count: 257)) == nil)
    }

    /// A backtracking matcher would need longer than the universe for this one.
    @Test func manyStarsOnALongText() throws {
        let glob = try #require(Glob(String(repeating: "a*", count: 100) + "b"))
        #expect(glob.matches(String(repeating: "a", count: 20_000)) == false)
    }

    @Test func agreesWithTheObviousMatcher() throws {
        func slow(_ pattern: Substring, _ text: Substring) -> Bool {
            guard let first = pattern.first else { return text.isEmpty }
            if first == "*" {
                return slow(pattern.dropFirst(), text) || (!text.isEmpty && slow(pattern, text.dropFirst()))
            }
            guard let next = text.first else { return false }
            return (first == "?" || first == next) && slow(pattern.dropFirst(), text.dropFirst())
        }
        for _ in 0..<5000 {
            let pattern = String((0..<Int.random(in: 1...6)).map { _ in "ab*?".randomElement() ?? "a" })
            let text = String((0..<Int.random(in: 0...8)).map { _ in "ab".randomElement() ?? "a" })
            #expect(try #require(Glob(pattern)).matches(text) == slow(pattern[...], text[...]), "\(pattern) \(text)")
        }
    }
}
