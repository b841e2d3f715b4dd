import Glibc
import MCP
import Testing
import WorkspaceTools

@Suite struct SearchTests {
    @Test(arguments: [
        ("*.py", "a.py", true), ("*.py", "d/a.py", false), ("**/*.py", "a.py", true), ("**/*.py", "d/e/a.py", true),
        ("d/**", "d/e/f", true), ("d/**", "d", true), ("**", "x/y", true), ("a?c", "abc", true), ("a?c", "ac", false),
        ("[a-c]x", "bx", true), ("[!a-c]x", "bx", false), ("[]x]", "]", true), ("{a,b}.{x,y}", "b.y", true),
        ("{a,b{c,d}}", "bd", true), ("a[", "a[", true), ("\\*", "*", true), ("\\*", "x", false), ("*", ".hidden", true),
        ("**/b/**/c", "a/b/x/y/c", true), ("**/b/**/c", "a/x/c", false), ("?", "😀", true), ("./a", "a", true),
    ])
    func patterns(_ pattern: String, _ path: String, _ isMatch: Bool) throws {
        let matches = try GlobPattern(pattern).matches(path.split(separator: "/").map(String.init))
        #expect(matches == isMatch)
    }

    @Test(arguments: ["", "{a", String(repeating: "{a,b}", count: 20), String(repeating: "x", count: 2000), "a\0"])
    func badPatterns(_ pattern: String) {
        #expect(throws: ToolProblem.self) { _ = try GlobPattern(pattern) }
    }

    @Test func noPatternTakesLong() throws {
        let pattern = try GlobPattern(String(repeating: "*a", count: 100) + "b")
        #expect(!pattern.matches([String(repeating: "a", count: 5000)]))
        let folders = try GlobPattern(Array(repeating: "**", count: 100).joined(separator: "/") + "/x")
        #expect(!folders.matches(Array(repeating: "a", count: 500)))
    }

    private func sample() async throws -> TemporaryWorkspace {
        let workspace = try TemporaryWorkspace()
        _ = try await workspace.bash(
            "mkdir -p src/deep .git; printf 'one\\ntwo\\nthree\\n' >src/a.txt; printf 'two 2\\n' >src/deep/b.md")
        _ = try await workspace.bash("echo two >.git/c; printf 'two\\0' >binary; ln -s /etc etc; mkfifo src/fifo")
        return workspace
    }

    @Test func globFindsByName() async throws {
        let workspace = try await sample()
        #expect(try await workspace.text("glob", ["pattern": "**/*.{txt,md}"]) == "src/a.txt\nsrc/deep/b.md")
        #expect(try await workspace.text("glob", ["pattern": "*", "path": "src"]) == "src/a.txt\nsrc/deep/\nsrc/fifo")
        #expect(
            try await workspace.text("glob", ["pattern": .string("\(workspace.root)/thread/src/*.txt")])
                == "\(workspace.root)/thread/src/a.txt")
        #expect(try await workspace.text("glob", ["pattern": "nothing"]).hasPrefix("No file matches"))
        #expect(try await workspace.text("glob", ["pattern": "**", "limit": 2]).contains("[more than 2 match"))
        #expect(!(try await workspace.text("glob", ["pattern": "etc/**"])).contains("passwd"))
    }

    @Test func grepFindsByContent() async throws {
        let workspace = try await sample()
        #expect(try await workspace.text("grep", ["pattern": "t[wx]o"]) == "src/a.txt:2:two\nsrc/deep/b.md:1:two 2")
        #expect(try await workspace.text("grep", ["pattern": "two", "mode": "files"]) == "src/a.txt\nsrc/deep/b.md")
        #expect(
            try await workspace.text("grep", ["pattern": "o", "mode": "count", "path": "src/a.txt"]) == "src/a.txt:2")
        #expect(
            try await workspace.text("grep", ["pattern": "TWO", "ignore_case": true, "glob": "*.md"])
                == "src/deep/b.md:1:two 2")
        #expect(
            try await workspace.text("grep", ["pattern": "one.two", "multiline": true, "path": "src"]).contains("1:one")
        )
        #expect(
            try await workspace.text("grep", ["pattern": "two", "context": 1, "path": "src/a.txt"]).contains("three"))
        #expect(try await workspace.text("grep", ["pattern": "(", "literal": true]).hasPrefix("Nothing in"))
        #expect(try await workspace.failure("grep", ["pattern": "("]).contains("unclosed group"))
        #expect(
            try await workspace.text("grep", ["pattern": "e", "path": "src/a.txt", "limit": 1]).contains(
                "[1 more lines"))
    }

    @Test func grepInASeaOfMatchesEnds() async throws {
        let workspace = try TemporaryWorkspace()
        _ = try await workspace.bash("yes match | head -c 6000000 >sea")
        let text = try await workspace.text("grep", ["pattern": "match"])
        #expect(text.utf8.count < 10_000)
        #expect(text.contains("narrow the search"))
    }
}
