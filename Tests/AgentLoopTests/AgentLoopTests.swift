import AgentLoop
import MCP
import Testing

/// The whole loop against a harness in memory and a model on a real socket.
@Suite struct AgentLoopTests {
    private let bash = ModelStream.message(
        [ModelStream.text(0, "Looking."), ModelStream.tool(1, id: "t1", name: "bash", json: "{\"command\":\"ls\"}")],
        stop: "tool_use")

    private func run(
        _ harness: FakeHarness, _ answers: [StubModel.Answer], pauses: PauseRecorder = PauseRecorder(),
        deadlines: UnixModelDoor.Deadlines = UnixModelDoor.Deadlines()
    ) async throws -> [JSONValue] {
        let model = try StubModel(answers)
        defer { model.close() }
        try await harness.serve(door: UnixModelDoor(path: model.path, deadlines: deadlines), pauses: pauses)
        return model.requests
    }

    private func replyText(_ harness: FakeHarness) async -> String? {
        await harness.replies.first?["text"]?.stringValue
    }

    @Test func aMessageGoesInAToolRunsAReplyComesOut() async throws {
        let harness = FakeHarness(receipts: [FakeHarness.message("what is here?")]) { _, _ in .text("a.txt") }
        let requests = try await run(harness, [.events(bash), .text("There is a.txt.")])
        #expect(await harness.replies == [["text": "There is a.txt.", "in_reply_to": "m1"]])
        #expect(await harness.calls.map(\.arguments) == [["command": "ls"]])
        #expect(requests.count == 2)
        #expect(requests[0]["tools"]?.arrayValue?.map { $0["name"]?.stringValue } == ["bash"])
        #expect(requests[1]["messages"]?[2]?["content"]?[0]?["content"]?[0]?["text"] == "a.txt")
        #expect(requests[0]["stream"] == true)
    }

    @Test func anAnswerThatDripsIsAnAnswer() async throws {
        let harness = FakeHarness(receipts: [FakeHarness.message("hi")])
        var drip = StubModel.Answer.text("slowly")
        drip.piece = 1
        _ = try await run(harness, [drip])
        #expect(await replyText(harness) == "slowly")
    }

    @Test func aToolCallFromABrokenStreamNeverRuns() async throws {
        let whole = ModelStream.response(ModelStream.bytes(bash))
        for cut in stride(from: 60, to: whole.count - 8, by: 83) {
            let harness = FakeHarness(receipts: [FakeHarness.message("go")])
            let pauses = PauseRecorder()
            let broken = StubModel.Answer(bytes: Array(whole.prefix(cut)))
            // A whole message has been read where only the end of the HTTP body is missing.
            let isWhole = String(decoding: whole.prefix(cut), as: UTF8.self).contains("\"message_stop\"}\n\n")
            guard !isWhole else { break }
            _ = try await run(harness, [broken, .text("fine")], pauses: pauses)
            #expect(await harness.calls.isEmpty, "cut after \(cut) bytes")
            #expect(await replyText(harness) == "fine")
            #expect(pauses.all == [.milliseconds(500)])
        }
    }

    /// The HTTP body ends as it should, the message in it does not.
    @Test func aToolCallBeforeAMissingEndNeverRuns() async throws {
        for count in 0..<bash.count {
            let harness = FakeHarness(receipts: [FakeHarness.message("go")])
            _ = try await run(harness, [.events(Array(bash.prefix(count))), .text("fine")])
            #expect(await harness.calls.isEmpty, "cut after \(count) events")
            #expect(await replyText(harness) == "fine")
        }
    }

    @Test func aStreamThatKeepsBreakingEndsInAnHonestReply() async throws {
        let harness = FakeHarness(receipts: [FakeHarness.message("go"), FakeHarness.message("again", id: "m2")])
        let pauses = PauseRecorder()
        let broken = StubModel.Answer(bytes: Array(ModelStream.response(ModelStream.bytes(bash)).prefix(300)))
        let requests = try await run(harness, [broken, broken, broken, .text("better now")], pauses: pauses)
        let replies = await harness.replies
        #expect(requests.count == 4)
        #expect(replies.count == 2)
        #expect(replies[0]["failure"] == true)
        #expect(replies[1]["text"] == "better now")
        #expect(pauses.all == [.milliseconds(500), .seconds(1)])
    }

    static let failures: [(StubModel.Answer, Int, String)] = [
        (
            StubModel.Answer(
                bytes: ModelStream.response(
                    Array(
                        "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}".utf8
                    ),
                    status: "529 Overloaded", type: "application/json")), 1, "Overloaded"
        ),
        (StubModel.Answer(bytes: ModelStream.response([], status: "403 Forbidden")), 1, "HTTP status 403"),
        (StubModel.Answer(bytes: Array("SSH-2.0-OpenSSH_9.2\r\n".utf8)), 3, "not HTTP"),
        (StubModel.Answer(bytes: [0xFF, 0, 0xFE, 10, 10]), 3, "control characters"),
        (StubModel.Answer(bytes: []), 3, "without an answer"),
        (StubModel.Answer(bytes: [], readsRequest: false), 3, "model"),
        (
            StubModel.Answer(
                bytes: ModelStream.response(Array("{\"type\":\"message\"}".utf8), type: "application/json")), 3,
            "something else than a stream"
        ),
        (
            .events([["type": "message_start"], ["type": "error", "error": ["message": "Overloaded"]]]), 3, "Overloaded"
        ),
        (StubModel.Answer(bytes: ModelStream.response(Array("data: {\n\n".utf8))), 3, "broke off"),
        (
            StubModel.Answer(bytes: ModelStream.response(Array("event: message_start\ndata: {\n\n".utf8))), 3,
            "unreadable"
        ),
    ]

    @Test(arguments: failures)
    func whateverTheModelSendsThePersonGetsASentence(_ answer: StubModel.Answer, _ attempts: Int, _ words: String)
        async throws
    {
        let harness = FakeHarness(receipts: [FakeHarness.message("go")])
        _ = try await run(harness, Array(repeating: answer, count: attempts) + [.text("not asked for")])
        let text = await replyText(harness)
        #expect(text?.contains(words) == true, "\(text ?? "no reply")")
        #expect(await harness.replies.first?["failure"] == true)
    }

    @Test func aModelThatIsNotThereIsSaid() async throws {
        let harness = FakeHarness(receipts: [FakeHarness.message("go")])
        try await harness.serve(door: UnixModelDoor(path: "/nonexistent/model.sock"))
        #expect(await replyText(harness)?.contains("door does not open") == true)
    }

    @Test func aModelThatFallsSilentIsGivenUp() async throws {
        let harness = FakeHarness(receipts: [FakeHarness.message("go")])
        let stalled = StubModel.Answer(
            bytes: Array(ModelStream.response(ModelStream.bytes(bash)).prefix(300)), stalls: true)
        let deadlines = UnixModelDoor.Deadlines(silence: .zero)
        _ = try await run(harness, [stalled, stalled, stalled], deadlines: deadlines)
        #expect(await harness.replies.first?["failure"] == true)
        #expect(await harness.calls.isEmpty)
    }

    @Test func severalCallsRunAtTheSameTimeAndKeepTheirOrder() async throws {
        let calls = ModelStream.message(
            (0..<5).map { ModelStream.tool($0, id: "t\($0)", name: "bash", json: "{\"n\":\($0)}") }, stop: "tool_use")
        let meeting = Meeting(of: 5)
        // Each call waits for all others: run one after the other, they would never end.
        let harness = FakeHarness(receipts: [FakeHarness.message("go")]) { _, arguments in
            await meeting.arrive()
            return .text("result \(arguments["n"]?.intValue ?? -1)")
        }
        let requests = try await run(harness, [.events(calls), .text("done")])
        let results = requests.last?["messages"]?[2]?["content"]?.arrayValue ?? []
        #expect(results.map { $0["content"]?[0]?["text"]?.stringValue } == (0..<5).map { "result \($0)" })
        #expect(results.map { $0["tool_use_id"]?.stringValue } == (0..<5).map { "t\($0)" })
    }

    @Test func failingToolsAreResultsNotTheEnd() async throws {
        let calls = ModelStream.message(
            [
                ModelStream.tool(0, id: "a", name: "vanished", json: "{}"),
                ModelStream.tool(1, id: "b", name: "reply", json: "{\"text\":\"forged\"}"),
                ModelStream.tool(2, id: "c", name: "bash", json: "{\"command\":"),
                ModelStream.tool(3, id: "d", name: "bash", json: "{}"),
            ], stop: "tool_use")
        let harness = FakeHarness(
            receipts: [FakeHarness.message("go")], tools: ["receive", "reply", "bash", "vanished"]
        ) { _, _ in .failure("command is missing") }
        let requests = try await run(harness, [.events(calls), .text("done")])
        let results = requests.last?["messages"]?[2]?["content"]?.arrayValue ?? []
        #expect(results.count == 4)
        #expect(results.allSatisfy { $0["is_error"] == true })
        #expect(await harness.calls.count == 1)
        #expect(await harness.replies.map { $0["text"] } == ["done"])
    }

    @Test func aFollowUpAndACancellationReachARunningTurn() async throws {
        let harness = FakeHarness(
            receipts: [FakeHarness.message("go"), FakeHarness.message("new", id: "m9")],
            polled: [FakeHarness.message("also this", id: "m2"), FakeHarness.message("", id: "c", kind: "cancel")])
        let requests = try await run(harness, [.events(bash), .events(bash), .text("the new one")])
        #expect(requests[1]["messages"]?[2]?["content"]?.arrayValue?.count == 2)
        #expect(await harness.replies == [["text": "the new one", "in_reply_to": "m9"]])
    }
}

/// Nobody leaves before all have come.
actor Meeting {
    private var missing: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(of count: Int) { missing = count }

    func arrive() async {
        missing -= 1
        guard missing > 0 else {
            for guest in waiting { guest.resume() }
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }
}
