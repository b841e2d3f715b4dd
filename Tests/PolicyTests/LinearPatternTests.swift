import Policy
import Testing

@Suite struct LinearPatternTests {
    @Test(arguments: [
        ("abc", "abc", true), ("abc", "abcd", false), ("a.c", "a\nc", true), ("a|bc", "bc", true), ("", "", true),
        ("a|bc", "ac", false), ("(a|b)*c", "ababc", true), ("a+", "", false), ("a?b", "b", true),
        ("a{2,3}", "aa", true), ("a{2,3}", "a", false), ("a{2,3}", "aaaa", false), ("a{2,}", "aaaaa", true),
        ("a{0}", "", true), ("[a-c]+", "abc", true), ("[^a-c]", "d", true), ("[^a-c]", "b", false),
        ("[\\d-]+", "1-2", true), ("[a-]", "-", true), ("\\w+\\s\\w+", "one two", true), ("\\D", "5", false),
        ("\\.", "x", false), ("\\.", ".", true), ("(a|)b", "b", true), ("((a*)*)*b", "aaab", true), ("ü+", "üü", true),
        ("[\\D5]+", "a5", true), ("[^\\s]+", "a b", false),
    ])
    func matchesTheWholeText(pattern: String, text: String, expected: Bool) throws {
        #expect(try LinearPattern(pattern).matches(text) == expected)
    }

    @Test(arguments: [
        "(", ")", "a)", "[", "[]", "[z-a]", "*a", "a**", "a{", "a{x}", "a{3,2}", "a{999}", "\\", "\\q", "\\1", "(?i)a",
        "(?=a)", "^a", "a$", "a]", "a}", "((a{200}){200}){200}",
        "(((((((((){256}){256}){256}){256}){256}){256}){256}){256})", "(((a{0}){256}){256}){256}",
        String(repeating: "a", count: 600),
        String(repeating: "(", count: 100) + String(repeating: ")", count: 100),
    ])
    func whatItDoesNotKnowIsAnError(pattern: String) {
        let error = #expect(throws: PatternError.self) { try LinearPattern(pattern) }
        #expect(error?.description.isEmpty == false)
    }

    /// Patterns that cost others ages, over the longest text there is.
    @Test(arguments: ["(a*)*b", "(a|a)*b", "(a|aa)+", "(.*)*x", "a{0,200}a{0,200}b"])
    func noPatternIsSlow(pattern: String) throws {
        let text = String(repeating: "a", count: LinearPattern.longestText)
        let compiled = try LinearPattern(pattern)
        let spent = ContinuousClock().measure { _ = compiled.matches(text) }
        // Backtracking would take longer than the universe has; a debug build on a busy machine takes a second or two.
        #expect(spent < .seconds(60))
        #expect(compiled.matches(text + "a") == nil)
    }

    /// Against a plain backtracking matcher of the same language, on small random patterns.
    @Test func agreesWithAnotherMatcher() throws {
        var generator = SystemRandomNumberGenerator()
        func random(_ depth: Int) -> String {
            switch Int.random(in: 0..<(depth == 0 ? 2 : 7), using: &generator) {
            case 0: return ["a", "b"].randomElement(using: &generator) ?? "a"
            case 1: return "[ab]"
            case 2: return random(depth - 1) + random(depth - 1)
            case 3: return "(\(random(depth - 1))|\(random(depth - 1)))"
            case 4: return "(\(random(depth - 1)))*"
            case 5: return "(\(random(depth - 1)))?"
            default: return "(\(random(depth - 1))){1,2}"
            }
        }
        for _ in 0..<400 {
            let pattern = random(3)
            let ours = try LinearPattern(pattern)
            let theirs = try Regex(pattern)
            for _ in 0..<20 {
                let text = String((0..<Int.random(in: 0...5)).map { _ in ["a", "b"].randomElement() ?? "a" })
                #expect(try ours.matches(text) == (theirs.wholeMatch(in: text) != nil), "\(pattern) \(text)")
            }
        }
    }
}
