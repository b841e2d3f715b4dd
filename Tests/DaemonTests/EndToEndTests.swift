import Foundation
import Testing

extension SystemTests {
    /// What a newcomer does first, and what must not harm it.
    @Suite struct EndToEndTests {
        @Test func aFirstConversationWritesRunsReadsAndAnswers() async throws {
            try await withInstallation { bulkhead in
                let request = "write note.txt: apples and pears\nrun wc -w note.txt\nread note.txt"
                let chat = try await bulkhead.chat(request)
                #expect(chat.result.status == 0, "\(chat.result.errors)")
                #expect(chat.answer?.tools?.map(\.tool) == ["write_file", "bash", "read_file"])
                #expect(chat.answer?.tools?.allSatisfy { $0.state == "done" } == true)
                #expect(chat.answer?.reply?.contains("apples and pears") == true)
                #expect(chat.answer?.reply?.contains("3 note.txt") == true)

                let audit = try await bulkhead.bulkhead(["audit"])
                for tool in ["write_file", "bash", "read_file", "reply"] { #expect(audit.output.contains(tool)) }
                let verified = try await bulkhead.bulkhead(["audit", "verify"])
                #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
            }
        }

        @Test func theSamplesAreThereToTry() async throws {
            try await withInstallation { bulkhead in
                let chat = try await bulkhead.chat("read /workspace/global/samples/q3-report.pdf")
                #expect(chat.result.status == 0, "\(chat.result.output)\(chat.result.errors)")
                #expect(chat.answer?.reply?.contains("Q3") == true)
            }
        }

        @Test func filesPersistAndAreNobodyElses() async throws {
            try await withInstallation { bulkhead in
                _ = try await bulkhead.chat("write /workspace/user/mine.txt: private words")
                _ = try await bulkhead.chat("write /workspace/group/shared/ours.txt: shared words")
                let mine = try await bulkhead.chat("read /workspace/user/mine.txt")
                #expect(mine.answer?.reply?.contains("private words") == true)
                let ours = try await bulkhead.chat("read /workspace/group/shared/ours.txt")
                #expect(ours.answer?.reply?.contains("shared words") == true)
                for path in ["/workspace/user/mine.txt", "/workspace/group/shared/ours.txt"] {
                    let other = try await bulkhead.chat("read \(path)", ["--user", "nobody"])
                    #expect(other.answer?.tools?.map(\.state) == ["failed"], "\(other.result.output)")
                    #expect(other.answer?.reply?.contains("words") != true)
                }
            }
        }

        @Test func aRestartInMidTurnGivesOneAnswerOrOneSentence() async throws {
            try await withInstallation { bulkhead in
                let chat = try Command(
                    bulkhead.home + "/bin/bulkhead",
                    [
                        "chat", "--once", "write a.txt: x\nwait 5\nrun echo done", "--json", "--config",
                        bulkhead.configuration,
                    ])
                // The turn is under way once its first call is in the audit.
                var audit = ""
                for _ in 0..<100 where !audit.contains("write_file") {
                    audit = try await bulkhead.bulkhead(["audit"]).output
                }
                try #require(audit.contains("write_file"), "\(audit)\(chat.output)\(chat.errors)")
                await bulkhead.killDaemon()
                try await bulkhead.startDaemon()
                let result = await chat.finish(within: .seconds(60))
                let answer = try JSONDecoder().decode(Installation.Answer.self, from: Data(result.output.utf8))
                #expect(answer.kind == "notice" || answer.kind == "assistant", "\(result.output)")
                let after = try await bulkhead.chat("echo still here", ["--thread", answer.conversation])
                #expect(after.answer?.reply?.contains("still here") == true, "\(after.result.errors)")
                let verified = try await bulkhead.bulkhead(["audit", "verify"])
                #expect(verified.status == 0, "\(verified.output)")
            }
        }

        /// What was running is told to be gone, and nothing else is.
        @Test func aKilledSandboxCostsOneCallAndAKilledAgentOneSentence() async throws {
            try await withInstallation { bulkhead in
                let first = try await bulkhead.chat("write kept.txt: kept words")
                let thread = try #require(first.answer?.conversation)

                let running = try bulkhead.startChat("run sleep 60\nread kept.txt", ["--thread", thread])
                try await bulkhead.wait(forTool: "bash", in: thread)
                #expect(try await bulkhead.kill("workspace").count == 1)
                let second = await Installation.ChatResult(running)
                #expect(second.answer?.tools?.map(\.state) == ["failed", "done"], "\(second.result.output)")
                #expect(second.answer?.tools?.first?.result?.contains("was stopped from outside") == true)
                #expect(second.answer?.reply?.contains("kept words") == true, "\(second.result.output)")

                let waiting = try bulkhead.startChat("read kept.txt\nwait 60", ["--thread", thread])
                try await bulkhead.wait(forTool: "read_file", times: 2, in: thread)
                let agents = try await bulkhead.kill("agent")
                #expect(!agents.isEmpty)
                let third = await Installation.ChatResult(waiting)
                #expect(third.result.status == 1)
                #expect(third.answer?.kind == "notice")
                #expect(third.answer?.reply?.contains("The next message starts it afresh.") == true)
                let fourth = try await bulkhead.chat("read kept.txt", ["--thread", thread])
                #expect(fourth.answer?.reply?.contains("kept words") == true, "\(fourth.result.output)")
                #expect(try await bulkhead.containers("agent").isDisjoint(with: agents))
            }
        }

        @Test func aForkBombCostsOneCommand() async throws {
            try await withInstallation { bulkhead in
                let bomb = try await bulkhead.chat("run :(){ :|:& };: ; sleep 1")
                #expect(bomb.answer?.reply != nil, "\(bomb.result.output)")
                let after = try await bulkhead.chat("run echo alive")
                #expect(after.answer?.reply?.contains("alive") == true, "\(after.result.output)")
            }
        }

        @Test func aChangedAuditRowIsNoticed() async throws {
            try await withInstallation { bulkhead in
                _ = try await bulkhead.chat("run echo hi")
                let change = """
                    import sqlite3
                    db = sqlite3.connect("\(bulkhead.home)/data/bulkhead.sqlite", timeout=10)
                    db.execute("UPDATE audit SET tool = 'other' WHERE tool = 'bash'")
                    db.commit()
                    """
                let changed = try await Command.run("/usr/bin/python3", ["-c", change])
                #expect(changed.status == 0, "\(changed.errors)")
                let verified = try await bulkhead.bulkhead(["audit", "verify"])
                #expect(verified.status == 1, "\(verified.output)")
            }
        }
    }
}
