import Foundation
import Testing

extension SystemTests {
    /// The audit against whoever holds the daemon's files.
    @Suite struct WitnessTests {
        /// The service user can write the whole chain anew, key included. What the broker witnessed he cannot.
        @Test func aHistoryWrittenAnewDoesNotAgreeWithItsWitness() async throws {
            try await withInstallation { bulkhead in
                _ = try await bulkhead.chat("write note.txt: apples")
                // The last checkpoint is made on the way out.
                await bulkhead.stopDaemon()
                let witness = bulkhead.home + "/audit.witness"
                let lines = try String(contentsOfFile: witness, encoding: .utf8)
                #expect(lines.contains("bulkhead-audit 1 "))
                let owner = try FileManager.default.attributesOfItem(atPath: witness)[.ownerAccountID] as? Int
                #expect(owner == 0)
                try await bulkhead.startDaemon()
                let whole = try await bulkhead.bulkhead(["audit", "verify"])
                #expect(whole.status == 0 && whole.output.contains("The broker has witnessed it up to row"), "\(whole)")
                let kept = try await bulkhead.bulkhead(["audit", "verify", "--from", witness])
                #expect(kept.status == 0 && kept.output.contains("checkpoints given"), "\(kept)")
                await bulkhead.stopDaemon()

                try await Command.shell("rm -rf \(bulkhead.home)/data/*")
                try await bulkhead.startDaemon()
                _ = try await bulkhead.chat("write note.txt: pears")
                let forged = try await bulkhead.bulkhead(["audit", "verify"])
                #expect(forged.status == 1, "\(forged)")
                #expect(forged.output.contains("was not signed with this key"), "\(forged)")
            }
        }

        @Test func rowsAreListedShownFollowedAndExported() async throws {
            try await withInstallation { bulkhead in
                _ = try await bulkhead.chat("write note.txt: apples\nrun wc -w note.txt")
                let all = try await bulkhead.bulkhead(["audit", "export"]).output.split(separator: "\n")
                let rows = try all.map { try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any] }
                #expect(rows.compactMap { $0?["seq"] as? Int } == Array(1...all.count))
                let bash = try #require(rows.first { $0?["tool"] as? String == "bash" } ?? nil)
                let shown = try await bulkhead.bulkhead(["audit", "show", "\(bash["seq"] ?? 0)"])
                #expect(shown.status == 0 && shown.output.contains("wc -w note.txt") && shown.output.contains("done"))
                #expect(try await bulkhead.bulkhead(["audit", "show", "99999"]).status == 1)
                let allowed = try await bulkhead.bulkhead(["audit", "--decision", "allow", "--tool", "bash", "--json"])
                #expect(allowed.output.contains("wc -w"))
                #expect(
                    try await bulkhead.bulkhead(["audit", "--since", "2026-01-01", "--until", "2026-01-02"]).output
                        .contains("Nothing in the audit matches"))
                let replay = try await bulkhead.bulkhead([
                    "policy", "replay", bulkhead.home + "/data/policy.standard.yaml",
                ])
                #expect(replay.output.contains("0 would be decided otherwise"), "\(replay)")
                try "version: 1\nrules: [{name: no, tool: bash, decision: deny}]"
                    .write(toFile: bulkhead.home + "/strict.yaml", atomically: true, encoding: .utf8)
                let strict = try await bulkhead.bulkhead(["policy", "replay", bulkhead.home + "/strict.yaml"])
                #expect(
                    strict.output.contains("1 would be decided otherwise") && strict.output.contains("wc -w"),
                    "\(strict)")
            }
        }

        @Test func pauseStopsAndResumeGoesOn() async throws {
            try await withInstallation { bulkhead in
                #expect(try await bulkhead.bulkhead(["pause", "--all", "--reason", "a look"]).status == 0)
                let chat = try bulkhead.startChat("run echo hello")
                try await eventually("the pause is listed") {
                    try await bulkhead.bulkhead(["pause"]).output.contains("a look")
                }
                #expect(try await !bulkhead.bulkhead(["audit", "export"]).output.contains("echo hello"))
                let doctor = try await bulkhead.bulkhead(["doctor"]).output
                #expect(doctor.contains("brake") && doctor.contains("paused: everything"), "\(doctor)")
                #expect(try await bulkhead.bulkhead(["resume", "--all"]).status == 0)
                let answer = await Installation.ChatResult(chat)
                #expect(answer.answer?.reply?.contains("hello") == true, "\(answer.result)")
                #expect(try await bulkhead.bulkhead(["resume", "--all"]).status == 1)
            }
        }
    }
}
