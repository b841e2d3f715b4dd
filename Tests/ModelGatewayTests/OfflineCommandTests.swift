import MCP
import Testing

@testable import ModelGateway

@Suite struct OfflineCommandTests {
    @Test(
        arguments: [
            ("run ls -la", .run("ls -la")), ("$ ls", .run("ls")), ("  RUN   ls  ", .run("ls")),
            ("- run ls", .run("ls")),
            ("2) run ls", .run("ls")), ("read a.pdf", .read(["a.pdf"])),
            ("read \"Q3 report.pdf\"", .read(["Q3 report.pdf"])),
            ("write a.txt: x: y", .write(path: "a.txt", text: "x: y")),
            ("write a.txt:", .write(path: "a.txt", text: "")),
            ("edit a.txt: one => two", .edit(path: "a.txt", old: "one", new: "two")),
            ("edit a.txt: one =>", .edit(path: "a.txt", old: "one", new: "")),
            ("find *.csv", .find(pattern: "*.csv", path: nil)),
            ("find *.csv in /workspace", .find(pattern: "*.csv", path: "/workspace")),
            ("search in in notes", .search(text: "in", path: "notes")),
            ("search a in b in c", .search(text: "a in b", path: "c")),
            ("search \"two words\"", .search(text: "two words", path: nil)), ("publish a.txt", .publish("a.txt")),
            ("remember the milk", .remember("the milk")), ("say hello", .say("hello")), ("echo", .say("")),
            ("wait 3", .wait(seconds: 3)), ("wait 99999999", .wait(seconds: 60)), ("wait -1", .wait(seconds: 0)),
            ("help", .help), ("Help!", .help), ("help me", .help),
            ("call web.search {\"q\": \"then run ls\"}", .call(tool: "web.search", arguments: ["q": "then run ls"])),
            ("call ping", .call(tool: "ping", arguments: [:])),
        ] as [(String, OfflineCommand)])
    func oneCommand(text: String, command: OfflineCommand) {
        #expect(OfflineCommandParser.parse(text) == [command])
    }

    @Test(arguments: [
        "run", "read", "read the report and tell me", "write me a poem", "write : x", "edit a.txt: no arrow",
        "edit a.txt: => x", "find out what it is", "search", "publish", "remember", "call", "call bash {oops",
        "call bash [1]", "wait", "wait long",
    ])
    func halfACommandGetsAHint(text: String) throws {
        let commands = OfflineCommandParser.parse(text)
        guard case .unclear(let hint)? = commands.first else {
            Issue.record("\(commands)")
            return
        }
        #expect(hint.hasPrefix("`"))
        #expect(commands.count == 1)
    }

    @Test(arguments: [
        "", " ", "\n\n", "hello", "please run ls", "Runs well", "reader", "what then run", "🧑‍🚀", "then run",
        "\u{0}\u{7}", "```\nrun ls\n```",
    ])
    func proseIsNoCommand(text: String) {
        #expect(OfflineCommandParser.parse(text).isEmpty)
    }

    @Test func severalCommands() {
        #expect(
            OfflineCommandParser.parse(
                "Hi!\nrun ls then read a\nwrite b: one then two\nthree\nrun cat b and also say x")
                == [
                    .run("ls"), .read(["a"]), .write(path: "b", text: "one then two\nthree"),
                    .together([.run("cat b"), .say("x")]),
                ])
        #expect(
            OfflineCommandParser.parse("run echo \"a then run b\" then run c") == [
                .run("echo \"a then run b\""), .run("c"),
            ])
        #expect(OfflineCommandParser.parse("write a.sh:\n```\nrun x\n```\nrun y").count == 2)
        #expect(OfflineCommandParser.parse("run x\n" + String(repeating: "run y\n", count: 500)).count == 50)
    }

    @Test func readWithoutANameReadsWhatWasSent() {
        #expect(OfflineCommandParser.parse("read", attachments: ["/a", "/b c"]) == [.read(["/a", "/b c"])])
    }

    @Test func startersAreKnownByTextAndTitle() {
        for starter in OfflineStarters.all {
            guard case .skill? = OfflineCommandParser.parse("  \(starter.text)\n").first,
                case .skill? = OfflineCommandParser.parse(starter.title.lowercased()).first
            else {
                Issue.record("\(starter.title) is not known")
                continue
            }
        }
        #expect(OfflineStarters.all.count == 4)
    }

    /// No text makes it trap or take long.
    @Test func oddTextsAreTaken() {
        let words = [
            "run", " then ", " and also ", "\"", "`", "```", "\n", ":", "=>", " in ", "write a", "é", "\r\n", "{",
        ]
        var state: UInt64 = 42
        for _ in 0..<3000 {
            var text = ""
            for _ in 0..<12 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                text += words[Int((state >> 33) % UInt64(words.count))]
            }
            #expect(OfflineCommandParser.parse(text).count <= 50)
        }
    }
}
