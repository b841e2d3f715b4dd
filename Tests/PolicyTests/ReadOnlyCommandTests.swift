import MCP
import Model
import Policy
import Testing

@Suite struct ReadOnlyCommandTests {
    private let policy: Policy

    init() throws {
        policy = try Policy(yaml: "version: 1", file: "p")
    }

    private func isFree(_ arguments: JSONObject) -> Bool {
        let asked = question("bash", .write, .acceptEdits, commands: true, arguments: arguments)
        return policy.evaluate(asked) == .allow(rule: .readOnlyCommand)
    }

    @Test(arguments: [
        "ls", "ls -la /workspace/thread", "cat notes.txt | head -5", "cd docs && ls -l", "grep -rn 'to do' .",
        "wc -l a.txt b.txt; sort -k2 -n a.txt | uniq -c", "find . -name '*.csv' -type f", "rg --files | wc -l",
        "cut -d, -f1 sales.csv", "jq -r '.items[] | .name' x.json", "date +%Y-%m-%d", "head -n5 a", "diff -u a b",
        "echo \"hello world\"", "sha256sum -- -odd-name", "stat -c %s file", "tail --lines=3 log", "pwd",
    ])
    func readersNeedNoQuestion(command: String) {
        #expect(isFree(["command": .string(command)]))
        #expect(isFree(["command": .string(command), "timeout_seconds": 5]))
    }

    @Test(arguments: [
        "", " ", "rm x", "python3 x.py", "./ls", "/bin/ls", "ls > x", "ls 2>&1", "cat < x", "ls $(rm x)", "ls `rm x`",
        "echo \"$(rm x)\"", "echo \"`rm x`\"", "echo $HOME", "ls *", "ls ?", "ls [a]", "ls {a,b}", "ls ~", "ls &",
        "ls & cat x", "ls ;; cat x",
        "ls && rm x",
        "ls || rm x", "ls; rm x", "ls | tee x", "ls |& cat", "ls\nrm x", "ls #x", "LS=1 ls", "A=b", "ls \\x", "! ls",
        "time ls", "{ ls; }", "(ls)", "if ls", "ls;", "; ls", "ls ;; ls", "| ls", "ls &&", "'ls", "\"ls",
        "sort -o x y", "sort -ox y", "sort --output=x y", "sort --outp x y", "sort -nox y", "uniq a b",
        "find . -delete", "find . -exec rm x",
        "find . -fprint x", "find . -name", "tail -f x", "date -s 12:00", "date 010203", "rg --pre=sh x",
        "rg --pre sh x", "rg -z x",
        "diff -l a b", "grep -f x y", "file -C -m x", "find -- . -delete", "find -- . -exec touch x", "find -- .",
        "rg --glob -- --pre=./x a b",
        "rg --glob x --pre ./x a", "rg --glob -- a b", "head --lines 5 x", "grep --include x y", "git status",
        "git log", "sed -n p x", "awk 1 x", "xargs rm",
        "env ls", "command ls", "eval ls", "exec ls", "source x", ". x", "test -v 'a[$(id)]'", "printf -v x y",
        "export A=b",
        "trap ls EXIT", "alias ls=rm", "less x", "more x", "vi x", "tee x", "dd of=x", "cp a b", "sh -c ls", "bash x",
        "ls \u{0}", "ls \r", "'l\ns'", "ls \u{2028}rm", "unset PATH", "cd a b", "pwd x", "jq -f x y", "tree -o x",
        "ls '", "ls \"\\\"", "echo \"!x\"", "a\u{301}ls", "ls -\u{301}", "column x", "xxd a b", "mount", "kill 1",
    ])
    func everythingElseAsks(command: String) {
        #expect(!isFree(["command": .string(command)]))
    }

    @Test func unknownArgumentsAsk() {
        #expect(!isFree(["command": "ls", "secrets": ["A": "b"]]))
        #expect(!isFree(["command": 5]))
        #expect(!isFree([:]))
        #expect(!isFree(["command": .string("ls " + String(repeating: "a", count: 5000))]))
    }

    @Test func otherModesStayAsTheyAre() {
        let asked = question("bash", .write, .readOnly, commands: true, arguments: ["command": "ls"])
        #expect(policy.evaluate(asked).word == "deny")
    }

    /// Random text over the signs that mean something to a shell: whatever is let through has no active sign outside
    /// single quotes, and begins each command with a known word.
    @Test func noRandomTextGetsActiveSignsThrough() {
        var generator = SystemRandomNumberGenerator()
        let pieces = [
            "ls", "cat", "x", "-l", "'", "\"", "$", "`", "(", ")", "|", "&", ";", ">", "<", "\\", "!", "*", "~", "#",
            "=", " ",
            " ", "\n", "{", "}", "[", "?", "$(rm x)", "echo", "sort", "-o",
        ]
        var passed = 0
        for _ in 0..<60_000 {
            let command = (0..<Int.random(in: 1...7, using: &generator))
                .map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            guard isFree(["command": .string(command)]) else { continue }
            passed += 1
            var isSingle = false
            var isDouble = false
            for character in command.unicodeScalars {
                if character == "'", !isDouble {
                    isSingle.toggle()
                } else if character == "\"", !isSingle {
                    isDouble.toggle()
                }
                if isSingle { continue }
                #expect(!"$`\\!\n".unicodeScalars.contains(character), "\(command)")
                if !isDouble { #expect(!"()><*~#{}[?".unicodeScalars.contains(character), "\(command)") }
            }
            #expect(!isSingle && !isDouble, "\(command)")
        }
        #expect(passed > 100)
    }
}
