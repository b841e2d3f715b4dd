import Foundation
import Testing

extension SystemTests {
    /// Questions to people that wait by themselves.
    @Suite struct ApprovalTests {
        private static let policy = """
            version: 1
            rules:
              - name: commands here
                tool: bash
                decision: ask
                approvers: requester
            """

        /// Says something that takes somebody's word; gives the conversation and the approval.
        private static func ask(
            _ bulkhead: Installation, _ text: String
        ) async throws -> (conversation: String, approval: String) {
            let receipt = try await bulkhead.api(
                "POST", "messages",
                json: [
                    "channel": try await bulkhead.directChannel(), "text": text, "client_id": UUID().uuidString,
                ])
            let conversation = try #require(receipt["conversation"] as? String, "\(receipt.body)")
            var id = ""
            try await eventually("an approval waits") {
                let listed = try await bulkhead.bulkhead(["approvals", "--json"]).output
                guard let range = listed.firstRange(of: #""id":""#) else { return false }
                id = String(listed[range.upperBound...].prefix { $0 != "\"" })
                return true
            }
            return (conversation, id)
        }

        private static func containers(_ bulkhead: Installation) async throws -> [String] {
            try await Array(bulkhead.containers("agent").union(bulkhead.containers("workspace")))
        }

        @Test func aKilledDaemonLosesNoQuestionAndRunsTheAnswerOnce() async throws {
            let settings = "containers:\n  ready: 0\napprovals:\n  hold: 1h"
            try await withInstallation(settings: settings, policy: Self.policy) { bulkhead in
                let (conversation, id) = try await Self.ask(
                    bulkhead, "run echo ran >> marker.txt; wc -l < marker.txt; echo marked-$((40 + 2))")
                await bulkhead.killDaemon()
                try await bulkhead.startDaemon()
                var lines = try await bulkhead.transcript(of: conversation)
                #expect(
                    lines.count == 2 && lines.last?.contains("Waiting for root’s word on bash") == true, "\(lines)")
                #expect(lines.last?.contains(id) == true)
                try await eventually("the containers to end") { try await Self.containers(bulkhead).isEmpty }
                // Again, with nothing under way.
                await bulkhead.killDaemon()
                try await bulkhead.startDaemon()
                #expect(try await bulkhead.transcript(of: conversation) == lines)

                let answered = try await bulkhead.bulkhead(["approvals", "approve", id])
                #expect(answered.status == 0, "\(answered.errors)")
                try await eventually("the answer") { try await bulkhead.transcript(of: conversation).count == 4 }
                lines = try await bulkhead.transcript(of: conversation)
                #expect(lines[2] == "notice: Allowed by root: bash")
                #expect(lines[3].hasPrefix("assistant: ") && lines[3].contains("marked-42"), "\(lines)")
                let again = try await bulkhead.bulkhead(["approvals", "approve", id])
                #expect(again.status != 0 && again.errors.contains("counts once"), "\(again.errors)")

                await bulkhead.killDaemon()
                try await bulkhead.startDaemon()
                let marker = try await bulkhead.chat("read marker.txt", ["--thread", conversation])
                #expect(marker.answer?.tools?.first?.result?.contains("ran") == true, "\(marker.result.output)")
                #expect(marker.answer?.tools?.first?.result?.components(separatedBy: "ran").count == 2)
                let verified = try await bulkhead.bulkhead(["audit", "verify"])
                #expect(verified.status == 0, "\(verified.output)")
            }
        }

        @Test func thePageShowsWhatWaitsThoughNothingRuns() async throws {
            let python = Installation.packageRoot + "/.build/peers/bin/python"
            try #require(FileManager.default.fileExists(atPath: python), "run scripts/python-peers.sh first")
            try await withInstallation(settings: "approvals:\n  hold: 0s", policy: Self.policy) { bulkhead in
                let answer = try await bulkhead.bulkhead(["login-link"])
                let line = answer.output.split(separator: "\n").first { $0.contains("http://") }
                let link = try #require(line.map(String.init), "\(answer.output)\(answer.errors)")
                let script = Installation.packageRoot + "/Tests/Browser/waiting.py"
                let browser = await (try Command(python, [script, link])).finish()
                #expect(browser.status == 0, "\(browser.output)\(browser.errors)")
            }
        }

        @Test func aQuestionWaitsWithoutAContainerAndWhatWasChangedDoesNotRun() async throws {
            let settings = "containers:\n  ready: 0\napprovals:\n  hold: 0s"
            try await withInstallation(settings: settings, policy: Self.policy) { bulkhead in
                let (conversation, id) = try await Self.ask(bulkhead, "run echo shown >> marker.txt")
                try await eventually("the turn to be suspended") {
                    try await bulkhead.transcript(of: conversation).last?.contains("Waiting for root") == true
                }
                try await eventually("the containers to end") { try await Self.containers(bulkhead).isEmpty }
                // The conversation is free meanwhile.
                let other = try await bulkhead.chat("say still here", ["--thread", conversation])
                #expect(other.answer?.reply?.contains("still here") == true, "\(other.result.output)")

                await bulkhead.stopDaemon()
                try await Command.shell(
                    """
                    python3 - <<'END'
                    import sqlite3
                    db = sqlite3.connect("\(bulkhead.data)/bulkhead.sqlite")
                    db.execute("UPDATE approvals SET arguments = replace(arguments, 'shown', 'forged')")
                    db.commit()
                    END
                    """)
                try await bulkhead.startDaemon()
                #expect(try await bulkhead.bulkhead(["approvals", "approve", id]).status == 0)
                try await eventually("the answer") {
                    try await bulkhead.transcript(of: conversation).last?.contains(
                        "not the call that people were shown")
                        == true
                }
                let marker = try await bulkhead.chat("find marker.txt", ["--thread", conversation])
                #expect(
                    marker.answer?.tools?.first?.result?.contains("marker.txt\n") != true, "\(marker.result.output)")
                let audit = try await bulkhead.bulkhead(["audit", "--json", "--limit", "500"]).output
                for event in ["approval.suspended", "approval.allowed"] { #expect(audit.contains(event)) }
            }
        }
    }
}
