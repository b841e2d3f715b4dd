import MCP
import Model
import Synchronization
import Terminal
import Testing

@Suite struct TurnTests {
    private func turn(_ events: [ChatEvent]) throws -> Turn {
        var turn = Turn(receipt: try MessageReceipt(Samples.reader(#"{"message":"mine","conversation":"t1"}"#)))
        for event in events { turn.handle(event) }
        return turn
    }

    @Test func isOverWithTheAnswerAndItsEnd() throws {
        let own = try Samples.entry(5, "user", "hi", id: "mine")
        let answer = try Samples.entry(
            6, "assistant", "hello", author: "Bulkhead", tools: "[\(Samples.toolJSON("c1", "done"))]")
        #expect(try !turn([own]).isOver)
        #expect(try !turn([own, .done]).isOver)
        #expect(try !turn([own, answer]).isOver)
        let over = try turn([own, answer, .done])
        #expect(over.isOver && over.isAnswered && over.tools.count == 1)
        #expect(over.json["reply"]?.stringValue == "hello" && over.json["kind"]?.stringValue == "assistant")
    }

    @Test func whatCameBeforeTheMessageIsNotItsAnswer() throws {
        let earlier = try Samples.entry(4, "assistant", "old", author: "Bulkhead")
        #expect(try !turn([earlier, .done]).isOver)
    }

    @Test func anEndMissedWhileTheConnectionWasDownIsMadeGood() throws {
        var turn = try turn([
            try Samples.entry(5, "user", "hi", id: "mine"), try Samples.entry(6, "notice", "failed", replyTo: "mine"),
        ])
        turn.reconnected()
        #expect(turn.isOver && !turn.isAnswered)
    }

    /// A question of before was answered, one still waits: said in the thread, and nobody's answer.
    @Test func whatIsSaidToNobodyEndsNoTurn() throws {
        let own = try Samples.entry(5, "user", "hi", id: "mine")
        let notice = try Samples.entry(6, "notice", "Allowed by ben: `bash`", author: "Bulkhead")
        #expect(try !turn([own, notice, .done]).isOver)
    }

    @Test func anotherPersonsTurnMayEndFirst() throws {
        func answer(_ sequence: Int, to opened: String, _ text: String) throws -> ChatEvent {
            let json =
                #"{"seq":\#(sequence),"id":"r\#(sequence)","kind":"assistant","author":"B","text":"\#(text)","#
                + #""at":"2026-11-22T15:04:05.000Z","in_reply_to":"\#(opened)"}"#
            return .entry(try Entry(Samples.reader(json)))
        }
        let own = try Samples.entry(5, "user", "hi", id: "mine")
        var earlier: [Entry] = []
        for event in [
            try Samples.entry(1, "user", "x", id: "bobs", author: "bob"),
            try Samples.entry(2, "user", "y", id: "annas"),
        ] {
            if case .entry(let entry) = event { earlier.append(entry) }
        }
        let receipt = try MessageReceipt(Samples.reader(#"{"message":"mine","conversation":"t1"}"#))
        var turn = Turn(receipt: receipt, earlier: earlier)
        for event in [own, try Samples.approval("a1", requester: "bob"), try answer(6, to: "bobs", "for bob"), .done] {
            turn.handle(event)
        }
        #expect(!turn.isOver && turn.approvals.isEmpty)
        for event in [try answer(7, to: "mine", "for anna"), .done] { turn.handle(event) }
        #expect(turn.isOver && turn.reply?.text == "for anna")
        // What anna says while her own turn runs is answered with it.
        var steering = Turn(receipt: receipt, earlier: earlier)
        for event in [own, try answer(6, to: "annas", "for both"), .done] { steering.handle(event) }
        #expect(steering.reply?.text == "for both")
    }

    @Test func aDaemonThatStaysAwayIsGivenUpOnAndSaidOnce() async throws {
        let stub = try StubDaemon { request in
            request.method == "POST" ? .json(200, #"{"message":"mine","conversation":"t1"}"#) : .hangUp
        }
        let lines = Mutex<[String]>([])
        try await APIClient.with(socketPath: stub.socketPath) { client in
            var runner = TurnRunner(client: client, channel: try Samples.channel(), approve: .deny) { said in
                lines.withLock { $0 += said.map(\.plain) }
            }
            runner.patience = .milliseconds(500)
            let error = await #expect(throws: TerminalError.self) {
                _ = try await runner.run("hello", conversation: nil)
            }
            #expect(error?.code == .daemonNotRunning && error?.message.contains("--thread t1") == true)
        }
        #expect(lines.withLock { $0 } == ["The daemon does not answer; trying again …"])
    }

    @Test(arguments: [
        ("readOnly", Mode.readOnly), ("Read only", .readOnly), ("read-only", .readOnly), ("standard", .auto),
        ("AUTO", .auto), ("ask before commands", .acceptEdits), ("unattended", .bypassPermissions),
    ])
    func modesGoByBothNames(name: String, mode: Mode) {
        #expect(Mode(named: name) == mode && Mode(named: name + "x") == nil && Mode(named: "") == nil)
    }

    @Test func aDeniedApprovalIsNoSuccess() throws {
        let events: [ChatEvent] = [
            try Samples.entry(5, "user", "hi", id: "mine"), try Samples.approval("a1"),
            .approvalClosed(id: "a1", outcome: "denied"), try Samples.entry(6, "assistant", "I was not allowed."),
            .done,
        ]
        #expect(try !turn(events).isAnswered)
        #expect(try turn(events).json["approvals"]?[0]?["outcome"]?.stringValue == "denied")
    }

    @Test func destinationsAreFoundOrNamed() throws {
        let channels = [
            try Samples.channel(threads: ["t1"]), try Samples.channel("general", kind: "room", threads: ["t2"]),
        ]
        #expect(try ChatDestination.find(channel: nil, thread: nil, in: channels).channel.name == "anna")
        #expect(try ChatDestination.find(channel: "#general", thread: nil, in: channels).channel.name == "general")
        #expect(try ChatDestination.find(channel: "id-general", thread: "t2", in: channels).conversation?.id == "t2")
        #expect(try ChatDestination.find(channel: nil, thread: "t2", in: channels).channel.name == "general")
        let unknown = #expect(throws: TerminalError.self) {
            try ChatDestination.find(channel: "nix", thread: nil, in: channels)
        }
        #expect(unknown?.exitStatus == 2 && unknown?.message.contains("general") == true)
        #expect(throws: TerminalError.self) { try ChatDestination.find(channel: "general", thread: "t1", in: channels) }
        #expect(throws: TerminalError.self) { try ChatDestination.find(channel: nil, thread: nil, in: []) }
    }

    @Test func optionsThatDoNotGoTogetherAreRefused() {
        var options = ChatOptions()
        options.json = true
        #expect(throws: TerminalError.self) { try options.check() }
        options.once = "x"
        #expect(throws: Never.self) { try options.check() }
        options.user = "bob"
        options.approve = .allow
        #expect(throws: TerminalError.self) { try options.check() }
    }

    @Test func jsonForScriptsIsExactAndHarmless() throws {
        let text = "a\u{1B}[2J \u{202E}b\u{9B} \u{200B} é 🎉 \u{E0041}"
        let shown = CommandResult.harmless(JSONValue.string(text).text)
        #expect(try JSONValue(parsing: shown) == .string(text))
        #expect(
            !shown.unicodeScalars.contains { $0.value < 0x20 || (0x7F...0x9F).contains($0.value) || $0.value == 0x202E }
        )
        #expect(shown.contains("é 🎉"))
    }
}
