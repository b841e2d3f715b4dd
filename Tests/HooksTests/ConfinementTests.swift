import Foundation
import Glibc
import Hooks
import MCP
import Testing

/// What a hook's program has and has not, and how it ends. Real processes of a real broker.
@Suite(.serialized) struct ConfinementTests {
    private static func script(_ body: String) -> String { "#!/bin/bash\n\(body)\n" }
    private static let yes = "echo '{\"decision\": \"continue\"}'"

    /// The processes of the hooks' user that are left.
    private func left() -> [String] {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.filter { number in
            var about = stat()
            return Int(number) != nil && stat("/proc/\(number)", &about) == 0 && about.st_uid == HookStage.user
        }
    }

    @Test func itsUserIsItsOwnAndItHasNothingOfOurs() async throws {
        setenv("BULKHEAD_TEST_SECRET", "do not pass on", 1)
        let report = """
            out=$(id -u; id -g; id -G; pwd; umask; env | sort | cut -d= -f1 | tr '\\n' ' '; echo
                ls /proc/$$/fd 2>/dev/null | wc -l; ls /proc/self/fd | tr '\\n' ' '; echo
                grep -E '^(NoNewPrivs|CapEff|CapPrm|CapInh|CapAmb)' /proc/self/status | tr -s '\\t' ' '
                cat /etc/shadow 2>&1 | head -c 40; echo; echo $BASHPID)
            python3 -c 'import json,sys; print(json.dumps({"decision": "continue", "note": sys.argv[1]}))' "$out"
            """
        try await HookStage.with(["look": Self.script(report)]) { stage in
            let note = try #require(try await stage.ask("look").answer.get().note)
            let lines = note.split(separator: "\n").map(String.init)
            #expect(Array(lines.prefix(5)) == ["64777", "64777", "64777", "/", "0077"], "\(note)")
            let names = Set(lines[5].split(separator: " ").map(String.init))
            #expect(names == ["HOME", "LANG", "PATH", "PWD", "SHLVL", "_"], "\(note)")
            // Of `ls` itself: standard streams and the folder it lists.
            #expect(lines.contains("0 1 2 3 "), "\(note)")
            #expect(note.contains("NoNewPrivs: 1") && note.contains("CapEff: 0000000000000000"), "\(note)")
            #expect(note.contains("CapPrm: 0000000000000000") && note.contains("CapAmb: 0000000000000000"), "\(note)")
            #expect(note.contains("Permission denied"), "\(note)")
        }
    }

    @Test func oneThatHangsIsEndedWithAllItStarted() async throws {
        let hang = "setsid setsid sleep 300 & (trap '' TERM HUP; sleep 300) & sleep 300"
        try await HookStage.with(["hang": Self.script(hang)], deadline: .seconds(1)) { stage in
            let start = ContinuousClock.now
            let failure = try await stage.failure(of: "hang")
            #expect(failure.contains("no answer within 1.0 seconds"))
            #expect(ContinuousClock.now - start < .seconds(60))
            // The broker ends it when our end of its socket is closed, a moment later.
            let deadline = ContinuousClock.now + .seconds(30)
            while !left().isEmpty, ContinuousClock.now < deadline { await Task.yield() }
            #expect(left().isEmpty)
        }
    }

    /// Also one that answers, and leaves something behind that would go on.
    @Test func whatAHookStartedEndsWithIt() async throws {
        try await HookStage.with(["fork": Self.script("setsid sleep 300 >/dev/null 2>&1 </dev/null & \(Self.yes)")]) {
            stage in
            let answer = try await stage.ask("fork").answer.get()
            #expect(answer.decision == .proceed)
            let deadline = ContinuousClock.now + .seconds(30)
            while !left().isEmpty, ContinuousClock.now < deadline { await Task.yield() }
            #expect(left().isEmpty)
        }
    }

    @Test func aForkBombIsHeldAndEnded() async throws {
        let bomb = "bomb() { bomb | bomb & }; bomb; sleep 300"
        try await HookStage.with(["bomb": Self.script(bomb)], deadline: .seconds(2)) { stage in
            let failure = try await stage.failure(of: "bomb")
            #expect(!failure.isEmpty)
            let deadline = ContinuousClock.now + .seconds(30)
            while !left().isEmpty, ContinuousClock.now < deadline { await Task.yield() }
            #expect(left().isEmpty)
        }
    }

    @Test func oneThatPrintsWithoutEndIsEnded() async throws {
        try await HookStage.with(
            [
                "much": Self.script("head -c 1000000000 /dev/zero"), "loud": Self.script("yes >&2"),
            ], deadline: .seconds(3)
        ) { stage in
            let start = ContinuousClock.now
            let failure = try await stage.failure(of: "much")
            #expect(failure.contains("printed over 65536 bytes"))
            #expect(ContinuousClock.now - start < .seconds(60))
            #expect(try await stage.failure(of: "loud").contains("no answer within"))
        }
    }

    @Test func aHookThatFailsSaysHow() async throws {
        try await HookStage.with(
            [
                "garbage": Self.script("echo fine"), "silent": Self.script("exit 0"),
                "status": Self.script("\(Self.yes); exit 3"), "killed": Self.script("\(Self.yes); kill -9 $$; sleep 9"),
                "lazy": Self.script("exec <&-; \(Self.yes)"), "nothing": "#!/no/such/interpreter\n",
            ], deadline: .seconds(2)
        ) { stage in
            let failure = try await stage.failure(of: "garbage")
            #expect(failure.contains("no JSON object"))
            #expect(try await stage.failure(of: "silent").contains("no JSON object"))
            #expect(try await stage.failure(of: "status").contains("ended with status 3"))
            #expect(try await !stage.failure(of: "killed").isEmpty)
            #expect(try await stage.failure(of: "nothing").contains("cannot be started: No such file"))
            // Its input is larger than a pipe holds, and it never reads it.
            let large = String(repeating: "x", count: 1 << 20)
            let run = try await stage.ask("lazy", .toolBefore, ["arguments": ["a": .string(large)]])
            #expect(try run.answer.get().decision == .proceed)
            let rows = try await stage.rows()
            #expect(rows.count == 6)
            #expect(
                rows.compactMap { $0["decision"]?.stringValue } == Array(repeating: "failed", count: 5) + ["continue"])
            #expect(rows[2]["exit"]?.intValue == 3)
            #expect(rows.allSatisfy { $0["in"]?.stringValue?.hasPrefix("hmac-sha256:") == true && $0["ms"] != nil })
        }
    }

    @Test func aLargeInputArrivesWhole() async throws {
        let count = "n=$(wc -c); echo \"{\\\"decision\\\": \\\"continue\\\", \\\"note\\\": \\\"$n\\\"}\""
        try await HookStage.with(["count": Self.script(count)]) { stage in
            let large = String(repeating: "x", count: 3 << 20)
            let note = try await stage.ask("count", .toolBefore, ["arguments": ["a": .string(large)]]).answer.get().note
            #expect(note.flatMap { Int($0) } ?? 0 > 3 << 20)
        }
    }

    /// Whoever could change the program could say anything in its name: each folder above it counts.
    @Test func whatOthersCanWriteIsNotRun() async throws {
        try await HookStage.with(["own": Self.script(Self.yes)]) { stage in
            let (file, folder) = (stage.folder + "/hooks/own", stage.folder + "/hooks")
            try await stage.desk.check()
            func refusal() async throws -> String {
                await #expect(throws: (any Error).self) { try await stage.desk.check() }
                return try await stage.failure(of: "own")
            }
            chmod(file, 0o775)
            #expect(try await refusal().contains("nobody else can write"))
            chmod(file, 0o755)
            chown(file, 64_001, 0)
            #expect(try await refusal().contains("nobody else can write"))
            chown(file, 0, 0)
            chmod(folder, 0o777)
            #expect(try await refusal().contains("\(folder) must be a folder of root's"))
            chmod(folder, 0o1777)
            #expect(try await refusal().contains("\(folder) must be a folder of root's"))
            chmod(folder, 0o755)
            chmod(file, 0o644)
            #expect(try await refusal().contains("not executable"))
            chmod(file, 0o755)
            rename(file, file + ".real")
            symlink(file + ".real", file)
            #expect(try await refusal().contains("must be a file of root's"))
            unlink(file)
            #expect(try await refusal().contains("cannot examine"))
            rename(file + ".real", file)
            try await stage.desk.check()
        }
    }

    /// A caller that goes away takes its hook along.
    @Test func aCancelledCallerEndsItsHook() async throws {
        try await HookStage.with(["wait": Self.script("sleep 300")], deadline: .seconds(60)) { stage in
            let asking = Task { try await stage.ask("wait") }
            let deadline = ContinuousClock.now + .seconds(30)
            while left().isEmpty, ContinuousClock.now < deadline { await Task.yield() }
            asking.cancel()
            await #expect(throws: CancellationError.self) { _ = try await asking.value }
            while !left().isEmpty, ContinuousClock.now < deadline { await Task.yield() }
            #expect(left().isEmpty)
        }
    }
}
