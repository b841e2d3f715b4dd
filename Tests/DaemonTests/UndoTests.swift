import Foundation
import Testing

extension SystemTests {
    /// Approvals that are held to what was shown, and file changes put back: the whole installation, real containers.
    @Suite struct UndoTests {
        private func call(_ chat: Installation.ChatResult, _ tool: String) throws -> String {
            let answer = try JSONSerialization.jsonObject(with: Data(chat.result.output.utf8)) as? [String: Any]
            let tools = answer?["tools"] as? [[String: Any]] ?? []
            return try #require(
                tools.last { $0["tool"] as? String == tool }?["call"] as? String, "\(chat.result.output)")
        }

        @Test func fileChangesAreUndoneAlsoAfterARestart() async throws {
            try await withInstallation { bulkhead in
                let chat = try await bulkhead.chat("write notes.txt: one two then edit notes.txt: two => three")
                let thread = try #require(chat.answer?.conversation, "\(chat.result)")
                let edit = try call(chat, "edit_file")
                let undone = try await bulkhead.bulkhead(["undo", edit])
                #expect(undone.status == 0 && undone.output.contains("is as it was before"), "\(undone)")
                let read = try await bulkhead.chat("read notes.txt", ["--thread", thread])
                #expect(read.answer?.reply?.contains("one two") == true, "\(read.result.output)")
                let twice = try await bulkhead.bulkhead(["undo", edit])
                #expect(twice.status != 0 && twice.errors.contains("already undone"), "\(twice)")
                // A command has none; somebody else may not.
                let run = try await bulkhead.chat("run echo changed > notes.txt", ["--thread", thread])
                let bash = try await bulkhead.bulkhead(["undo", try call(run, "bash")])
                #expect(bash.errors.contains("bash cannot be undone"), "\(bash)")
                // Another process, another sandbox.
                await bulkhead.stopDaemon()
                try await bulkhead.startDaemon()
                let write = try call(chat, "write_file")
                let changed = try await bulkhead.bulkhead(["undo", write])
                #expect(changed.status != 0 && changed.errors.contains("was changed since"), "\(changed)")
                let forced = try await bulkhead.bulkhead(["undo", write, "--force", "--json"])
                #expect(forced.status == 0, "\(forced)")
                let gone = try await bulkhead.chat("read notes.txt", ["--thread", thread])
                #expect(gone.answer?.tools?.map(\.state) == ["failed"], "\(gone.result.output)")
                let again = try JSONSerialization.jsonObject(with: Data(forced.output.utf8)) as? [String: Any]
                let back = try await bulkhead.bulkhead(["undo", try #require(again?["call"] as? String)])
                #expect(back.status == 0, "\(back)")
                let there = try await bulkhead.chat("read notes.txt", ["--thread", thread])
                #expect(there.answer?.reply?.contains("changed") == true, "\(there.result.output)")
                let audit = try await bulkhead.bulkhead(["audit", "--json", "--limit", "500"]).output
                #expect(audit.contains("\"undoes\":\"\(edit)\""), "\(audit.suffix(2000))")
                #expect(try await bulkhead.bulkhead(["audit", "verify"]).status == 0)
            }
        }

        /// The script that was agreed to, in the folder that was shown.
        @Test func aScriptThatChangesWhileSomebodyThinksDoesNotRun() async throws {
            let policy = """
                version: 1
                rules:
                  - {name: scripts are asked about, tool: bash, arguments: [{at: /command, glob: "sh *"}], decision: ask}
                """
            try await withInstallation(policy: policy) { bulkhead in
                let made = try await bulkhead.chat(
                    "write report.sh: pwd > ran then run mkdir sub; cd sub; cp ../report.sh .; (sleep 4; echo evil > report.sh) >/dev/null 2>&1 &"
                )
                let thread = try #require(made.answer?.conversation, "\(made.result)")
                let receipt = try await bulkhead.api(
                    "POST", "messages",
                    json: [
                        "channel": try await bulkhead.directChannel(), "conversation": thread,
                        "text": "run sh report.sh", "client_id": "1",
                    ])
                #expect(receipt.status == 202, "\(receipt.body)")
                var id = ""
                try await eventually("an approval") {
                    let open = try await bulkhead.api("GET", "approvals")["approvals"] as? [[String: Any]] ?? []
                    id = open.first?["id"] as? String ?? ""
                    return !id.isEmpty
                }
                let shown = try await bulkhead.bulkhead(["approvals", "show", id]).output
                #expect(shown.contains("runs in /workspace/thread/sub"), "\(shown)")
                #expect(shown.contains("/workspace/thread/sub/report.sh"), "\(shown)")
                // The background process of the unasked-for command above changes it.
                try await eventually("the change") {
                    let volume = try await Command.shell("cat \(bulkhead.home)/volumes/thread/*/sub/report.sh")
                    return volume.contains("evil")
                }
                #expect(try await bulkhead.bulkhead(["approvals", "approve", id]).status == 0)
                try await eventually("an answer") {
                    try await bulkhead.transcript(of: thread).last?.contains("changed after it was approved") == true
                }
            }
        }
    }
}
