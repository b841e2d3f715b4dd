import Foundation
import Testing

extension SystemTests {
    /// What keeps the daemon from starting: an exit status of its own, and a sentence that says what to do.
    @Suite struct StartTests {
        @Test func twoDaemonsDoNotShareADataDirectory() async throws {
            try await withInstallation { bulkhead in
                let second = try await bulkhead.serve()
                #expect(second.status == 75, "\(second.errors)")
                #expect(second.errors.contains("Another daemon"), "\(second.errors)")
                let after = try await bulkhead.chat("echo still here")
                #expect(after.answer?.reply?.contains("still here") == true)
            }
        }

        @Test func aTakenPortIsNamedWithItsKey() async throws {
            try await withInstallation(isStarted: false) { bulkhead in
                let holder = try Command(
                    "/usr/bin/python3",
                    [
                        "-uc",
                        "import socket, sys; s = socket.create_server(('127.0.0.1', \(bulkhead.port))); print('up'); sys.stdin.read()",
                    ], holdsInput: true)
                try await eventually("a taken port") { holder.output.contains("up") }
                let daemon = try await bulkhead.serve()
                #expect(daemon.status == 75, "\(daemon.errors)")
                #expect(daemon.errors.contains("Port \(bulkhead.port)"), "\(daemon.errors)")
                #expect(daemon.errors.contains("console.port"), "\(daemon.errors)")
                holder.signal(SIGKILL)
                _ = await holder.finish()
                // Nothing else is wrong.
                try await bulkhead.start()
            }
        }

        @Test func aWrongConfigurationIsToldByFileAndLine() async throws {
            try await withInstallation(isStarted: false) { bulkhead in
                let whole = try String(contentsOfFile: bulkhead.configuration, encoding: .utf8)
                for (line, expected) in [
                    ("consoel: {port: 1}", "console"), ("session: {idle_end: never}", "allowed"),
                    ("containers: {ready: -1}", "allowed: 0 to 50"), ("model: [1, 2]", "model"),
                    ("\t- : {", "not YAML"),
                ] {
                    try (whole + line + "\n").write(
                        toFile: bulkhead.configuration, atomically: true, encoding: .utf8)
                    let daemon = try await bulkhead.serve()
                    #expect(daemon.status == 78, "\(line): \(daemon.errors)")
                    let number = whole.split(separator: "\n", omittingEmptySubsequences: false).count
                    #expect(daemon.errors.contains("bulkhead.yaml:\(number)"), "\(line): \(daemon.errors)")
                    #expect(daemon.errors.contains(expected), "\(line): \(daemon.errors)")
                    let check = try await Command.run(
                        bulkhead.home + "/bin/bulkhead", ["config", "check", bulkhead.configuration])
                    #expect(check.status == 78)
                }
                try whole.write(toFile: bulkhead.configuration, atomically: true, encoding: .utf8)
                try bulkhead.write(policy: "version: 1\nrules:\n  - name: x\n    tool: bash\n    decision: perhaps\n")
                let policy = try await bulkhead.serve()
                #expect(policy.status == 78, "\(policy.errors)")
                #expect(policy.errors.contains("policy.yaml:5"), "\(policy.errors)")
                unlink(bulkhead.home + "/policy.yaml")

                try await Command.shell(
                    "echo k > \(bulkhead.data)/anthropic.key; chown bulkhead: \(bulkhead.data)/anthropic.key; chmod 644 \(bulkhead.data)/anthropic.key"
                )
                let key = try await bulkhead.serve()
                #expect(key.status == 78, "\(key.errors)")
                #expect(key.errors.contains("chmod 600"), "\(key.errors)")
            }
        }

        @Test func aDataDirectoryThatCannotBeUsedIsLeftAsItIs() async throws {
            try await withInstallation(dataMegabytes: 64, isStarted: false) { bulkhead in
                try await bulkhead.start()
                _ = try await bulkhead.chat("echo kept words")
                await bulkhead.stopDaemon()

                func refused(
                    _ status: Int32, _ sentence: String, _ change: String, _ undo: String, unchanged: Bool = true
                ) async throws {
                    // As after an end in order, when least is checked.
                    try await Command.shell("cd \(bulkhead.data); truncate -s 0 lock; \(change)")
                    let before = try await Command.shell("cd \(bulkhead.data); sha256sum bulkhead.sqlite | cut -c1-64")
                    let daemon = try await bulkhead.serve()
                    #expect(daemon.status == status, "\(change): \(daemon.errors)")
                    #expect(daemon.errors.contains(sentence), "\(change): \(daemon.errors)")
                    let after = try await Command.shell("cd \(bulkhead.data); sha256sum bulkhead.sqlite | cut -c1-64")
                    #expect(before == after || !unchanged, "\(change)")
                    try await Command.shell("cd \(bulkhead.data); \(undo)")
                }
                let restore = "cp -p ../saved bulkhead.sqlite"
                try await Command.shell("cp -p \(bulkhead.data)/bulkhead.sqlite \(bulkhead.home)/saved")
                try await refused(
                    1, "is damaged", "head -c 20000 /dev/urandom | dd conv=notrunc of=bulkhead.sqlite status=none",
                    restore)
                try await refused(1, "is damaged", "truncate -s 100K bulkhead.sqlite", restore)
                try await refused(1, "is damaged", "truncate -s -4096 bulkhead.sqlite", restore)
                try await refused(
                    1, "newer version",
                    "python3 -c \"import sqlite3; d = sqlite3.connect('bulkhead.sqlite'); d.execute('INSERT INTO grdb_migrations VALUES (\\\"9999-later\\\")'); d.commit(); d.execute('PRAGMA wal_checkpoint(TRUNCATE)'); d.close()\"; rm -f *-wal *-shm",
                    restore, unchanged: false)
                try await refused(
                    1, "cannot be written", "mount -o remount,ro \(bulkhead.data)",
                    "mount -o remount,rw \(bulkhead.data)")
                try await refused(1, "is full", "head -c 60M /dev/zero >ballast || true", "rm ballast")
                try await refused(1, "belongs to user 0", "chown root .", "chown bulkhead .")

                try await bulkhead.start()
                let verified = try await bulkhead.bulkhead(["audit", "verify"])
                #expect(verified.status == 0, "\(verified.output)")
            }
        }
    }
}
