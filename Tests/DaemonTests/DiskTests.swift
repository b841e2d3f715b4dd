import Foundation
import Testing

extension SystemTests {
    /// A disk that fills up while people work.
    @Suite struct DiskTests {
        @Test func aFullDiskRefusesInWordsAndLosesNothing() async throws {
            try await withInstallation(dataMegabytes: 64) { bulkhead in
                let first = try await bulkhead.chat("write kept.txt: kept words")
                let thread = try #require(first.answer?.conversation)
                let under = try bulkhead.startChat("read kept.txt\nwait 12\nwrite never.txt: x", ["--thread", thread])
                try await bulkhead.wait(forTool: "read_file", in: thread)

                // Somebody who reads keeps the database's log from being begun anew, so that it has to grow.
                let reader = try Command(
                    "/usr/bin/python3",
                    [
                        "-uc",
                        "import sqlite3, sys; d = sqlite3.connect('\(bulkhead.data)/bulkhead.sqlite', isolation_level=None); d.execute('BEGIN'); d.execute('SELECT count(*) FROM messages').fetchall(); print('reads'); sys.stdin.read()",
                    ], holdsInput: true)
                try await eventually("a reader") { reader.output.contains("reads") }
                try await Command.shell("head -c 1G /dev/zero >\(bulkhead.data)/ballast || true")
                // What the log of the database has room for still goes through; then it is refused.
                var refusal: Installation.APIAnswer?
                for number in 0..<1000 where refusal == nil {
                    let answer = try await bulkhead.api("POST", "channels", json: ["name": "channel \(number)"])
                    if answer.status != 201 { refusal = answer }
                }
                #expect(refusal?.status == 503, "\(refusal?.body ?? "never refused")")
                #expect(refusal?.message?.contains("is full") == true, "\(refusal?.body ?? "")")
                let refused = try await bulkhead.chat("echo hello")
                #expect(refused.result.status == 1, "\(refused.result.output)")
                #expect(refused.result.errors.contains("is full"), "\(refused.result.errors)")
                let file = try await bulkhead.api("POST", "uploads?name=x", file: "/etc/services")
                #expect(file.status == 503 && file.message?.contains("is full") == true, "\(file.body)")

                // The turn that was under way comes to the call that cannot be recorded: it does not run. Its answer
                // cannot be stored either, and waits for room, which the operator is told.
                try await eventually("a turn that waits", within: .seconds(40)) {
                    bulkhead.daemon?.errors.contains("the store takes nothing") == true
                }
                reader.signal(SIGKILL)
                _ = await reader.finish()
                try await Command.shell("rm \(bulkhead.data)/ballast")
                // Nobody restarts anything, nobody asks again.
                let ended = await Installation.ChatResult(under)
                #expect(ended.answer?.kind == "notice", "\(ended.result.output)")
                #expect(ended.answer?.reply?.contains("is full") == true, "\(ended.result.output)")
                let after = try await bulkhead.chat("run ls\nread kept.txt", ["--thread", thread])
                #expect(after.result.status == 0, "\(after.result.output)\(after.result.errors)")
                #expect(after.answer?.reply?.contains("kept words") == true)
                #expect(after.answer?.reply?.contains("never.txt") == false)

                let verified = try await bulkhead.bulkhead(["audit", "verify"])
                #expect(verified.status == 0, "\(verified.output)")
                await bulkhead.stopDaemon()
                let integrity = try await Command.shell(
                    "python3 -c \"import sqlite3; print(sqlite3.connect('\(bulkhead.data)/bulkhead.sqlite').execute('PRAGMA integrity_check').fetchone()[0])\""
                )
                #expect(integrity == "ok\n")
                let log = bulkhead.daemon?.errors.split(separator: "\n").count ?? 0
                #expect(log < 200, "a full disk fills the log: \(log) lines")
            }
        }
    }
}
