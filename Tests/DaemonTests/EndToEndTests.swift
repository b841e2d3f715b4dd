import Foundation
import Testing

/// The whole system: processes, containers, sockets; driven as a person at a terminal drives it.
@Suite(.serialized, .timeLimit(.minutes(10))) struct EndToEndTests {
    private func withInstallation(
        settings: String = "", key: String? = nil, _ body: (Installation) async throws -> Void
    ) async throws {
        let installation = try await Installation(settings: settings, key: key)
        do {
            try await installation.start()
            try await body(installation)
        } catch {
            Issue.record("\(error)\n\(installation.daemon?.errors ?? "")\n\(installation.broker?.errors ?? "")")
        }
        let left = try await installation.remove()
        #expect(left.isEmpty, "left behind: \(left)")
    }

    @Test func aFirstConversationWritesRunsReadsAndAnswers() async throws {
        try await withInstallation { bulkhead in
            let request = "write note.txt: apples and pears\nrun wc -w note.txt\nread note.txt"
            let (answer, result) = try await bulkhead.chat(request)
            #expect(result.status == 0, "\(result.errors)")
            #expect(answer?.tools?.map(\.tool) == ["write_file", "bash", "read_file"])
            #expect(answer?.tools?.allSatisfy { $0.state == "done" } == true)
            #expect(answer?.reply?.contains("apples and pears") == true)
            #expect(answer?.reply?.contains("3 note.txt") == true)

            let audit = try await bulkhead.bulkhead(["audit"])
            for tool in ["write_file", "bash", "read_file", "reply"] { #expect(audit.output.contains(tool)) }
            let verified = try await bulkhead.bulkhead(["audit", "verify"])
            #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
        }
    }

    @Test func theSamplesAreThereToTry() async throws {
        try await withInstallation { bulkhead in
            let (answer, result) = try await bulkhead.chat("read /workspace/global/samples/q3-report.pdf")
            #expect(result.status == 0, "\(result.output)\(result.errors)")
            #expect(answer?.reply?.contains("Q3") == true)
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

    @Test func aForkBombCostsOneCommand() async throws {
        try await withInstallation { bulkhead in
            let bomb = try await bulkhead.chat("run :(){ :|:& };: ; sleep 1")
            #expect(bomb.answer?.reply != nil, "\(bomb.result.output)")
            let after = try await bulkhead.chat("run echo alive")
            #expect(after.answer?.reply?.contains("alive") == true, "\(after.result.output)")
        }
    }

    @Test func aKilledSandboxCostsOneCallAndAKilledAgentOneSentence() async throws {
        try await withInstallation { bulkhead in
            let first = try await bulkhead.chat("write kept.txt: kept words")
            let thread = try #require(first.answer?.conversation)
            try await bulkhead.kill("workspace")
            let second = try await bulkhead.chat("read kept.txt", ["--thread", thread])
            #expect(second.answer?.reply?.contains("kept words") == true, "\(second.result.output)")
            try await bulkhead.kill("agent")
            let third = try await bulkhead.chat("read kept.txt", ["--thread", thread])
            #expect(third.answer?.reply?.contains("kept words") == true, "\(third.result.output)")
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

    @Test func aRuleThatAsksIsAnsweredByAPerson() async throws {
        try await withInstallation { bulkhead in
            let policy = try await bulkhead.bulkhead(["config", "get", "policy.file"]).output
            #expect(policy.contains("policy.yaml"))
            try
                "version: 1\nrules:\n  - name: commands ask here\n    tool: bash\n    decision: ask\n    approvers: requester\n"
                .write(toFile: bulkhead.home + "/policy.yaml", atomically: true, encoding: .utf8)
            bulkhead.daemon?.signal(SIGHUP)
            await bulkhead.killDaemon()
            try await bulkhead.startDaemon()
            let denied = try await bulkhead.chat("run echo secret-word", ["--approve", "deny"])
            #expect(denied.answer?.tools?.map(\.state) == ["denied"], "\(denied.result.output)")
            let allowed = try await bulkhead.chat("run echo other-word", ["--approve", "allow"])
            #expect(allowed.answer?.tools?.map(\.state) == ["done"], "\(allowed.result.output)")
        }
    }

    @Test func twoDaemonsDoNotShareADataDirectory() async throws {
        try await withInstallation { bulkhead in
            let second = try await Command.run(
                "/usr/bin/setpriv",
                [
                    "--reuid", "bulkhead", "--regid", "bulkhead", "--init-groups", bulkhead.home + "/bin/bulkhead",
                    "serve", "--config", bulkhead.configuration,
                ])
            #expect(second.status == 75, "\(second.errors)")
            let after = try await bulkhead.chat("echo still here")
            #expect(after.answer?.reply?.contains("still here") == true)
        }
    }

    /// Broken streams, overload and slow drips are the endpoint's business, not the person's.
    @Test func aTroubledModelEndpointStillGivesAnAnswer() async throws {
        let simulator = try await ModelSimulator(
            turns: """
                [
                  {"status": 529, "error": {"type": "overloaded_error", "message": "Overloaded"}},
                  {"content": [{"type": "tool_use", "id": "toolu_1", "name": "write_file",
                    "input": {"path": "note.txt", "content": "apples and pears"}}], "stop_reason": "tool_use"},
                  {"content": [{"type": "tool_use", "id": "toolu_2", "name": "bash",
                    "input": {"command": "echo broken > broken.txt"}}], "stop_reason": "tool_use",
                    "break_after_events": 3},
                  {"content": [{"type": "tool_use", "id": "toolu_3", "name": "bash",
                    "input": {"command": "wc -w note.txt; ls broken.txt"}}], "stop_reason": "tool_use",
                    "seconds_per_event": 0.1},
                  {"content": [{"type": "text", "text": "It has three words."}], "stop_reason": "end_turn",
                    "seconds_per_event": 0.1}
                ]
                """)
        try await withInstallation(settings: "model:\n  anthropic_url: \(simulator.url)", key: "test-key") { bulkhead in
            let (answer, result) = try await bulkhead.chat("How many words?")
            #expect(result.status == 0, "\(result.output)\(result.errors)")
            #expect(answer?.reply == "It has three words.")
            // The call from the stream that broke off never ran.
            #expect(answer?.tools?.map(\.tool) == ["write_file", "bash"])
            let files = try await bulkhead.bulkhead(["audit", "--json"])
            #expect(!files.output.contains("broken > broken.txt"))
        }
        await simulator.stop()
    }

    /// Any MCP client can be the agent: here the official Python SDK, through the program on its standard streams.
    @Test func theOfficialSDKIsTheAgent() async throws {
        try await withInstallation { bulkhead in
            let dm = try await bulkhead.directChannel()
            let python = Installation.packageRoot + "/.build/peers/bin/python"
            try #require(FileManager.default.fileExists(atPath: python), "run scripts/python-peers.sh first")
            let peer = try await Command.run(
                python,
                [
                    Installation.packageRoot + "/Tests/Peers/agent_client.py", bulkhead.home + "/bin/bulkhead",
                    bulkhead.configuration, dm,
                ])
            #expect(peer.status == 0, "\(peer.output)\(peer.errors)")
            #expect(peer.output.contains("hello from bash"), "\(peer.output)\(peer.errors)")
            let audit = try await bulkhead.bulkhead(["audit"])
            #expect(audit.output.contains("bash"))
        }
    }
}
