import Glibc
import MCP
import Testing
import WorkspaceTools

@Suite struct EvidenceTests {
    private func look(
        _ workspace: TemporaryWorkspace, _ tool: String, _ arguments: JSONObject, directory: String? = nil
    ) async throws -> JSONValue {
        var asked: JSONObject = ["tool": .string(tool), "arguments": .object(arguments)]
        asked["directory"] = directory.map(JSONValue.string)
        let result = try await workspace.call("host_evidence", asked)
        #expect(!result.isError, "\(result.text)")
        return result.structuredContent ?? .null
    }

    private func names(_ answer: JSONValue) -> [String] {
        (answer["files"]?.arrayValue ?? []).compactMap { $0["path"]?.stringValue?.split(separator: "/").last }
            .map(String.init)
    }

    @Test func digestsAreThoseOfEverybodyElse() async throws {
        #expect(SHA256.hex([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        let workspace = try TemporaryWorkspace()
        for count in [1, 55, 56, 57, 63, 64, 65, 119, 120, 127, 128, 1000, 100_003] {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
            try workspace.put("file", bytes)
            let theirs = String(try await workspace.bash("sha256sum file").prefix(64))
            #expect(SHA256.hex(bytes) == theirs, "\(count)")
            var pieces = SHA256()
            for start in stride(from: 0, to: count, by: 37) {
                pieces.update(Array(bytes[start..<min(count, start + 37)]))
            }
            #expect(pieces.finish() == theirs, "\(count) in pieces")
        }
    }

    @Test(arguments: [
        ("sh report.sh", ["report.sh"]),
        ("sh ./report.sh data.csv > out.txt", ["data.csv", "out.txt", "report.sh"]),
        ("bash -c 'sh report.sh'", ["report.sh"]),
        ("FILE=data.csv sh \"report.sh\"", ["data.csv", "report.sh"]),
        ("python3 --input=data.csv @report.sh", ["data.csv", "report.sh"]),
        ("sort<data.csv|tee out.txt;sh report.sh&", ["data.csv", "out.txt", "report.sh"]),
        ("echo $(cat data.csv)", ["data.csv"]),
        ("cat `echo data.csv`", ["data.csv"]),
        ("cat 'with space.txt'", ["with space.txt"]),
        (#"cat with\ space.txt"#, ["with space.txt"]),
        ("cd sub && sh inner.sh", ["inner.sh"]),
        ("cd sub/deep; ./run", ["run"]),
        ("sh sub/../report.sh", ["report.sh"]),
        ("cat nothing.txt -rf", []),
        ("cat link", ["link"]),
        ("cat outside", []),
    ])
    func whatACommandNamesIsBound(_ command: String, _ expected: [String]) async throws {
        let workspace = try TemporaryWorkspace()
        for name in ["report.sh", "data.csv", "out.txt", "with space.txt"] { try workspace.put(name, name) }
        _ = try await workspace.bash(
            "mkdir -p sub/deep; echo 1 > sub/inner.sh; echo 2 > sub/deep/run; ln -s report.sh link; ln -s /etc/passwd outside"
        )
        let answer = try await look(workspace, "bash", ["command": .string(command)])
        #expect(names(answer).sorted() == expected.sorted(), "\(answer)")
        #expect(answer["directory"]?.stringValue == workspace.thread)
        for file in answer["files"]?.arrayValue ?? [] { #expect(file["sha256"]?.stringValue?.count == 64) }
    }

    @Test func whatIsNotBoundIsNamed() async throws {
        let workspace = try TemporaryWorkspace()
        _ = try await workspace.bash(
            "truncate -s 65M big.bin; mkdir many; for i in $(seq 70); do echo $i > many/$i; done")
        try workspace.put("other.sh", "x")
        _ = try await workspace.bash("ln -s /etc/passwd outside")
        let answer = try await look(workspace, "bash", ["command": "cat *.csv \"$FILE\" big.bin other.sh outside"])
        let unbound = Dictionary(
            uniqueKeysWithValues: (answer["unbound"]?.arrayValue ?? []).map {
                ($0["path"]?.stringValue ?? "", $0["why"]?.stringValue ?? "")
            })
        #expect(unbound["*.csv"]?.contains("shell works out") == true && unbound["$FILE"] != nil)
        #expect(unbound["\(workspace.thread)/big.bin"] == "too large")
        #expect(unbound["\(workspace.thread)/outside"]?.contains("leads out") == true)
        #expect(names(answer) == ["other.sh"])
        let command = "cat " + (1...70).map { "many/\($0)" }.joined(separator: " ")
        let many = try await look(workspace, "bash", ["command": .string(command)])
        #expect(names(many).count == 64)
        #expect("\(many)".contains("more than 64 files"))
    }

    @Test func anApprovedCommandRunsWhereItWasShownAndInAFreshShell() async throws {
        let workspace = try TemporaryWorkspace()
        _ = try await workspace.bash("mkdir a b; export A=1; ls() { echo fake; }; export -f ls; cd a")
        let shown = try await look(workspace, "bash", ["command": "pwd"])
        #expect(shown["directory"]?.stringValue == "\(workspace.thread)/a")
        _ = try await workspace.bash("cd ../b")
        let ran = try await workspace.call(
            "bash",
            [
                "command": "pwd; echo \"[$A]\"; ls; export B=2; cd ..", "directory": shown["directory"] ?? .null,
                "expect": shown["files"] ?? .null,
            ])
        #expect(ran.text.hasPrefix("\(workspace.thread)/a\n[]\n"), "\(ran.text)")
        #expect(!ran.text.contains("fake") && ran.text.contains("fresh shell"))
        // The folder it ended in lasts, its variables do not; the session's are there again.
        #expect(try await workspace.bash("pwd; echo \"$A[$B]\"").hasPrefix("\(workspace.thread)\n1[]\n"))
        // The same words through a link that leads elsewhere by now.
        _ = try await workspace.bash("rmdir a; ln -s b a")
        let moved = try await workspace.failure(
            "bash", ["command": "pwd", "directory": shown["directory"] ?? .null, "expect": []])
        #expect(moved.contains("is not the folder it was"))
        _ = try await workspace.bash("rm a")
        let gone = try await workspace.failure(
            "bash", ["command": "pwd", "directory": shown["directory"] ?? .null, "expect": []])
        #expect(gone.contains("there is no such"))
    }

    @Test func aCommandWhoseFilesChangedDoesNotRun() async throws {
        let workspace = try TemporaryWorkspace()
        try workspace.put("report.sh", "echo good >> ran")
        let command: JSONValue = "sh report.sh; sh later.sh"
        let shown = try await look(workspace, "bash", ["command": command])
        func run() async throws -> CallToolResult {
            try await workspace.call(
                "bash",
                ["command": command, "directory": shown["directory"] ?? .null, "expect": shown["files"] ?? .null])
        }
        try workspace.put("report.sh", "echo evil >> ran")
        #expect(try await run().text.contains("report.sh changed after it was approved"))
        try workspace.put("report.sh", "echo good >> ran")
        // One that was not there when it was shown.
        try workspace.put("later.sh", "echo evil >> ran")
        #expect(try await run().text.contains("later.sh changed after it was approved"))
        unlink("\(workspace.thread)/later.sh")
        #expect(try await run().isError == false)
        #expect(try workspace.content("ran") == "good\n")
        unlink("\(workspace.thread)/report.sh")
        #expect(try await run().text.contains("report.sh changed after it was approved"))
    }

    @Test func edits() async throws {
        let workspace = try TemporaryWorkspace()
        try workspace.put("notes.txt", "one\ntwo\nthree\n")
        let edit: JSONObject = ["path": "notes.txt", "old_string": "two", "new_string": "2"]
        let shown = try await look(workspace, "edit_file", edit)
        let details = shown["details"]?.stringValue ?? ""
        #expect(details.contains("@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n"), "\(details)")
        #expect(shown["after"]?.stringValue == SHA256.hex(Array("one\n2\nthree\n".utf8)))
        var approved = edit
        approved["expect"] = shown["files"]
        try workspace.put("notes.txt", "one\ntwo\nFOUR\n")
        #expect(try await workspace.failure("edit_file", approved).contains("changed after it was approved"))
        #expect(try workspace.content("notes.txt") == "one\ntwo\nFOUR\n")
        try workspace.put("notes.txt", "one\ntwo\nthree\n")
        _ = try await workspace.text("edit_file", approved)
        #expect(try workspace.content("notes.txt") == "one\n2\nthree\n")
        // What cannot be done is said before anybody is asked.
        let wrong = try await workspace.failure(
            "host_evidence",
            ["tool": "edit_file", "arguments": ["path": "notes.txt", "old_string": "nine", "new_string": "9"]])
        #expect(wrong.contains("is not in notes.txt"))
    }

    @Test func writes() async throws {
        let workspace = try TemporaryWorkspace()
        let write: JSONObject = ["path": "new/notes.txt", "content": "a\nb"]
        let shown = try await look(workspace, "write_file", write)
        #expect(shown["files"]?[0]?["sha256"]?.isNull == true)
        #expect(shown["details"]?.stringValue?.contains("+a\n+b\n\\ no newline") == true, "\(shown)")
        var approved = write
        approved["expect"] = shown["files"]
        _ = try await workspace.bash("mkdir new; echo mine > new/notes.txt")
        #expect(try await workspace.failure("write_file", approved).contains("changed after it was approved"))
        _ = try await workspace.bash("rm new/notes.txt")
        _ = try await workspace.text("write_file", approved)
        try workspace.put("picture", [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0])
        let binary = try await look(workspace, "write_file", ["path": "picture", "content": "x"])
        #expect(binary["details"]?.stringValue?.contains("binary") == true)
        let same = try await look(workspace, "write_file", write)
        #expect(same["details"]?.stringValue?.contains("no change") == true)
        _ = try await workspace.bash("ln -s /etc/passwd away")
        _ = try await workspace.failure(
            "host_evidence", ["tool": "write_file", "arguments": ["path": "away", "content": ""]])
    }

    @Test func restoring() async throws {
        let workspace = try TemporaryWorkspace()
        try workspace.put("notes.txt", "now")
        let seen = try await look(workspace, "undo", ["path": "notes.txt"])["files"] ?? .null
        try workspace.put("notes.txt", "later")
        #expect(
            try await workspace.failure("host_restore", ["path": "notes.txt", "data": "YmVmb3Jl", "expect": seen])
                .contains("changed"))
        try workspace.put("notes.txt", "now")
        _ = try await workspace.text("host_restore", ["path": "notes.txt", "data": "YmVmb3Jl", "expect": seen])
        #expect(try workspace.content("notes.txt") == "before")
        _ = try await workspace.failure("host_restore", ["path": "notes.txt", "expect": seen])
        let now = try await look(workspace, "undo", ["path": "notes.txt"])["files"] ?? .null
        _ = try await workspace.text("host_restore", ["path": "notes.txt", "expect": now])
        #expect(access("\(workspace.thread)/notes.txt", F_OK) != 0)
        // What lies under 8 MiB goes in one piece.
        let large = String(repeating: "QUFB", count: (8 << 20) / 3)
        _ = try await workspace.text("host_restore", ["path": "large", "data": .string(large)])
        // A link is not written through.
        _ = try await workspace.bash("ln -s large pointer")
        _ = try await workspace.failure("host_restore", ["path": "pointer", "data": ""])
    }

    @Test(arguments: [
        String(repeating: "a ", count: 50_000), String(repeating: "*", count: 100_000),
        String(repeating: "'\"\\", count: 30_000), String(repeating: "../", count: 30_000),
        String(repeating: "$(", count: 50_000), "\u{0}\u{1}\u{FFFD}=@=@~/",
    ])
    func hostileCommandsAreLookedAtInBoundedTime(_ command: String) async throws {
        let workspace = try TemporaryWorkspace()
        let start = ContinuousClock.now
        _ = try await look(workspace, "bash", ["command": .string(command)])
        #expect(ContinuousClock.now - start < .seconds(20))
    }

    @Test func aLargeFileIsBoundWithoutShowingIt() async throws {
        let workspace = try TemporaryWorkspace()
        _ = try await workspace.bash("truncate -s 2M large")
        let shown = try await look(workspace, "write_file", ["path": "large", "content": "x"])
        #expect(shown["details"]?.stringValue?.contains("2097152 → 1 bytes, too large") == true, "\(shown)")
        #expect(shown["files"]?[0]?["bytes"]?.intValue == 2 << 20)
    }

    @Test func agentsAreNotToldOfTheHostsArguments() async throws {
        for tool in WorkspaceServer.declarations(root: "/workspace") {
            #expect(!tool.name.hasPrefix("host_") && tool.inputSchema["additionalProperties"] == false)
            #expect(
                tool.inputSchema["properties"]?["expect"] == nil && tool.inputSchema["properties"]?["directory"] == nil)
        }
    }

    @Test func diffs() {
        func diff(_ old: String, _ new: String) -> String {
            LineDiff.unified(Array(old.utf8), Array(new.utf8), path: "p")
        }
        let many = (1...40).map { "\($0)\n" }.joined()
        let changed = diff(many, many.replacing("5\n", with: "five\n", maxReplacements: 1).replacing("33\n", with: ""))
        #expect(changed.contains("@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n"), "\(changed)")
        #expect(changed.contains("@@ -30,7 +30,6 @@\n 30\n 31\n 32\n-33\n 34"), "\(changed)")
        #expect(diff("a\n", "a").contains("-a\n+a\n\\ no newline at the end"))
        #expect(diff("", "a\n").contains("@@ -1,0 +1,1 @@\n+a\n"))
        #expect(diff("a\n", "a\n").contains("no change"))
        let wide = (0..<2000).map { "old line \($0)\n" }.joined()
        let bounded = diff(wide, wide.replacing("old", with: "new"))
        #expect(bounded.utf8.count < 13 << 10 && bounded.contains("more lines of the change are not shown"))
    }
}
