import Foundation
import Testing

extension SystemTests {
    /// The operator's hooks on a whole installation: the broker runs them, the harness asks them.
    @Suite struct HookTests {
        private static let judge = """
            #!/usr/bin/python3
            import json, os, subprocess, sys, time
            event = json.load(sys.stdin)
            def say(**answer):
                json.dump(answer, sys.stdout)
                sys.exit(0)
            if event["event"] == "message_in":
                if "forbidden" in event["text"]:
                    say(decision="deny", reason="that word is not for here")
                say(decision="continue", text=event["text"].replace("pelican", "bird"))
            if event["event"] == "message_out":
                if "withhold me" in event["text"]:
                    say(decision="deny", reason="not for people")
                say(decision="continue", text=event["text"].replace("apples", "[fruit]"))
            if event["event"] == "tool_after":
                say(decision="continue", text=event["result"].replace("hunter2", "[password]"))
            if event["event"] != "tool_before" or event["tool"] != "bash":
                say(decision="continue")
            command = event["arguments"]["command"]
            if "rm -rf" in command:
                say(decision="deny", reason="nothing is deleted by the folder")
            if "who are you" in command:
                say(decision="continue", arguments={"command": f"echo hook {os.getuid()} {sorted(os.environ)}"})
            if "hang" in command:
                subprocess.Popen(["setsid", "sleep", "311"])
                time.sleep(300)
            if "flood" in command:
                while True: sys.stdout.write("x" * 65536)
            if "stumble" in command:
                sys.exit(7)
            say(decision="continue")
            """

        /// A folder that is root's alone, for as long as `body` runs; hooks' user is there.
        private func withFolder(_ body: (String) async throws -> Void) async throws {
            let folder = "/run/bulkhead-hook-tests-\(UInt32.random(in: 0...UInt32.max))"
            try await Command.shell(
                """
                id bulkhead-hooks >/dev/null 2>&1 || useradd --system --user-group --no-create-home \
                    --shell /usr/sbin/nologin bulkhead-hooks
                install -d -m 755 \(folder)
                """)
            try Self.judge.write(toFile: folder + "/judge", atomically: true, encoding: .utf8)
            try await Command.shell("chmod 755 \(folder)/judge")
            do { try await body(folder) } catch { Issue.record(error) }
            try await Command.shell("rm -rf \(folder)")
        }

        private static func settings(_ folder: String) -> String {
            """
            hooks:
              directory: \(folder)
              deadline: 2s
              message_in: [judge]
              session_start: [judge]
              tool_before: [judge]
              tool_after: [judge]
              message_out: [judge]
              session_end: [judge]
            """
        }

        private func rows(_ bulkhead: Installation) async throws -> [[String: Any]] {
            try await bulkhead.bulkhead(["audit", "export"]).output.split(separator: "\n").compactMap {
                try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
            }
        }

        @Test func hooksDenyNarrowRedactAndFailClosed() async throws {
            try await withFolder { folder in
                try await withInstallation(settings: Self.settings(folder)) { bulkhead in
                    let refused = try await bulkhead.chat("this is forbidden")
                    #expect(refused.result.status != 0 && refused.result.errors.contains("that word is not for here"))

                    let denied = try await bulkhead.chat("run rm -rf /workspace/thread/x")
                    #expect(denied.answer?.tools?.first?.state == "denied", "\(denied.result)")
                    #expect(denied.answer?.tools?.first?.result?.contains("nothing is deleted by the folder") == true)

                    // The narrowed command is what runs; the hook says who it is and what of ours it has.
                    let narrowed = try await bulkhead.chat("run echo who are you")
                    let uid = try await Command.shell("id -u bulkhead-hooks").trimmingCharacters(
                        in: .whitespacesAndNewlines)
                    #expect(
                        narrowed.answer?.reply?.contains("hook \(uid) [HOME, LANG, PATH]") == true,
                        "\(narrowed.result)")

                    let redacted = try await bulkhead.chat("run echo hunter2 eats apples")
                    #expect(redacted.answer?.reply?.contains("[password] eats [fruit]") == true, "\(redacted.result)")
                    let withheld = try await bulkhead.chat("run echo withhold me")
                    #expect(withheld.answer?.reply?.contains("The answer was withheld") == true, "\(withheld.result)")
                    #expect(withheld.answer?.reply?.contains("not for people") == true)

                    for (word, why) in [
                        ("hang", "no answer within"), ("flood", "printed over"), ("stumble", "status 7"),
                    ] {
                        let failed = try await bulkhead.chat("run echo \(word)")
                        #expect(failed.answer?.tools?.first?.state == "denied", "\(failed.result)")
                        #expect(failed.answer?.tools?.first?.result?.contains(why) == true, "\(failed.result)")
                    }
                    try await eventually("what the hook started is gone") {
                        try await Command.run("/usr/bin/pgrep", ["-f", "^sleep 311"]).status == 1
                    }

                    let rows = try await rows(bulkhead)
                    let ran = rows.filter { $0["event"] as? String == "hook.ran" }
                    let events = Set(ran.compactMap { ($0["details"] as? [String: Any])?["event"] as? String })
                    #expect(
                        events.isSuperset(of: [
                            "message_in", "session_start", "tool_before", "tool_after", "message_out",
                        ]))
                    #expect(
                        !rows.contains {
                            "\($0)".contains("hunter2 eats apples") && $0["event"] as? String == "hook.ran"
                        })
                    #expect(try await bulkhead.bulkhead(["audit", "verify"]).status == 0)

                    let list = try await bulkhead.bulkhead(["hooks"])
                    #expect(list.status == 0 && list.output.contains("tool_before") && list.output.contains("judge"))
                    let event = #"{"event": "tool_before", "tool": "bash", "arguments": {"command": "rm -rf x"}}"#
                    let test = try await bulkhead.bulkhead(["hooks", "test", "judge"], input: event)
                    #expect(test.status == 0 && test.output.contains("nothing is deleted by the folder"), "\(test)")
                    let failing = try await bulkhead.bulkhead(
                        ["hooks", "test", "judge"], input: #"{"event": "tool_before", "tool": "bash"}"#)
                    #expect(failing.status == 1 && failing.output.contains("KeyError"), "\(failing)")
                    let unknown = try await bulkhead.bulkhead(["hooks", "test", "other"], input: event)
                    #expect(unknown.status == 1 && unknown.errors.contains("No hook other"), "\(unknown)")
                }
            }
        }

        @Test func aHookTheServiceUserCouldChangeStopsTheStart() async throws {
            try await withFolder { folder in
                try await withInstallation(settings: Self.settings(folder), isStarted: false) { bulkhead in
                    try await bulkhead.startBroker()
                    for script in [
                        "chown \(Installation.serviceUser) \(folder)/judge",
                        "chown root \(folder)/judge; chmod 775 \(folder)/judge",
                        "chmod 755 \(folder)/judge; chgrp \(Installation.serviceUser) \(folder); chmod 775 \(folder)",
                    ] {
                        try await Command.shell(script)
                        let result = try await bulkhead.serve()
                        #expect(result.status == 78 && result.errors.contains("nobody else can write"), "\(result)")
                        #expect(!FileManager.default.fileExists(atPath: bulkhead.runtime + "/daemon/console.sock"))
                    }
                    try await Command.shell("chmod 755 \(folder)")
                    try await bulkhead.startDaemon()
                    // It changes while the daemon runs: from then on nothing passes it.
                    try await Command.shell("chmod 777 \(folder)/judge")
                    let chat = try await bulkhead.chat("hello")
                    #expect(
                        chat.result.status != 0 && chat.result.errors.contains("nobody else can write"),
                        "\(chat.result)")
                }
            }
        }
    }
}
