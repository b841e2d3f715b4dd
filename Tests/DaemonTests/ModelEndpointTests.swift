import Testing

extension SystemTests {
    /// A model's endpoint as it can be. Each trouble is the endpoint's business first, one clear sentence next, and never a
    /// lost message.
    @Suite struct ModelEndpointTests {
        /// Broken streams, overload and slow drips are got over without a word.
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
            try await withInstallation(settings: simulator.settings, key: "test-key") { bulkhead in
                let chat = try await bulkhead.chat("How many words?")
                #expect(chat.result.status == 0, "\(chat.result.output)\(chat.result.errors)")
                #expect(chat.answer?.reply == "It has three words.")
                // The call from the stream that broke off never ran.
                #expect(chat.answer?.tools?.map(\.tool) == ["write_file", "bash"])
                let files = try await bulkhead.bulkhead(["audit", "--json"])
                #expect(!files.output.contains("broken > broken.txt"))
            }
            await simulator.stop()
        }

        /// What people are told, by what the endpoint does.
        private static let troubles: [(scenario: String, sentence: String)] = [
            // Every trouble with the key says how to set one.
            ("unauthorized", "`make key`"),
            ("bad_request", "refused the request (HTTP 400). It said: messages.0.content"),
            ("invalid", "longer than the model can read"),
            ("spend_limit", "no more requests for now"),
            ("do_not_retry", "Internal server error"),
            ("garbage", "not an answer of its API"),
            ("not_json", "not an answer of its API"),
            ("garbage_stream", "not an answer of its API"),
            ("binary_stream", "broke off"),
            ("empty_stream", "broke off"),
            ("no_stop", "broke off"),
            ("error_event", "overloaded"),
            ("hang", "did not answer within 2 seconds"),
            ("hang_midway", "did not answer within 2 seconds"),
        ]

        @Test func everyTroubleIsOneSentenceAndTheMessageIsKept() async throws {
            let simulator = try await ModelSimulator()
            try await withInstallation(
                settings: simulator.settings + "\n  silence: 2s", key: "test-key"
            ) { bulkhead in
                let answers = try await withThrowingTaskGroup(of: (Int, Installation.ChatResult).self) { group in
                    for (index, trouble) in Self.troubles.enumerated() {
                        group.addTask { (index, try await bulkhead.chat("scenario:\(trouble.scenario)")) }
                    }
                    return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
                }
                for (index, (scenario, sentence)) in Self.troubles.enumerated() {
                    let chat = try #require(answers[index])
                    let reply = chat.answer?.reply ?? chat.result.errors
                    #expect(reply.contains(sentence), "\(scenario): \(reply)")
                    #expect(reply.utf8.count < 700, "\(scenario): \(reply)")
                    #expect(!reply.contains("<html>") && !reply.contains("Error("), "\(scenario): \(reply)")
                    #expect(chat.result.status == 1, "\(scenario): \(chat.result.status) \(chat.result.output)")
                    #expect(chat.answer?.kind == "notice", "\(scenario): \(chat.result.output)")
                }
                // Where it was one, the thread goes on as soon as the endpoint does.
                for index in [0, 5, 8] {
                    let thread = try #require(answers[index]?.answer?.conversation)
                    let again = try await bulkhead.chat("scenario:thinking", ["--thread", thread])
                    #expect(again.answer?.reply == "Done thinking.", "\(again.result.output)")
                    let lines = try await bulkhead.transcript(of: thread)
                    #expect(lines.first == "user: scenario:\(Self.troubles[index].scenario)", "\(lines)")
                }
                // What was spent on nothing is on the books as well.
                let thread = try #require(answers[0]?.answer?.conversation)

                // Gone altogether: the person is told, and answered when it is back.
                let port = simulator.port
                await simulator.stop()
                async let asked = bulkhead.chat("scenario:thinking", ["--thread", thread])
                for _ in 0..<600
                where try await !bulkhead.transcript(of: thread).contains(where: {
                    $0.hasPrefix("notice: The model cannot be reached at the moment. Your message is kept")
                }) { try await Task.sleep(for: .milliseconds(200)) }
                let back = try await ModelSimulator(port: port)
                let answered = try await asked
                #expect(answered.answer?.reply == "Done thinking.", "\(answered.result.output)")
                let told = try await bulkhead.transcript(of: thread).filter { $0.contains("Your message is kept") }
                #expect(told.count == 1)
                await back.stop()
            }
        }

        private static let keyless =
            "model:\n"
            + ["fast", "balanced", "best"].map { "  \($0): {provider: anthropic}" }.joined(separator: "\n")

        /// Chosen, and no key there: said at once, in the words that help.
        @Test func aMissingKeyIsSaid() async throws {
            try await withInstallation(settings: Self.keyless) { bulkhead in
                let chat = try await bulkhead.chat("hello")
                #expect(chat.result.status == 1)
                #expect(chat.answer?.reply?.contains("`make key`") == true, "\(chat.result.output)")
            }
        }
    }
}
