import MCP
import Model
import Terminal
import TestSupport
import Testing

@Suite struct ChatModelTests {
    /// A chat, what it has printed and what it has asked for.
    private struct Chat {
        var model: ChatModel
        var printed: [String] = []
        var requests: [ChatRequest] = []
        var followed: [String] = []
        var hasLeft = false
        var frame = ChatModel.Frame(columns: 80, rows: 24)

        init(role: String = "member", thread: String? = "t1", starters: String = "[]", isOnBehalf: Bool = false) throws
        {
            let channel = try Samples.channel(threads: ["t1", "t2"])
            model = ChatModel(
                account: try Samples.account(role: role, starters: starters), channel: channel,
                conversation: channel.conversations.first { $0.id == thread }, isOnBehalf: isOnBehalf, frame: frame)
            take(model.opening())
        }

        mutating func take(_ effects: [ChatModel.Effect]) {
            for effect in effects {
                switch effect {
                case .print(let lines): printed += lines.map(\.plain)
                case .perform(let request): requests.append(request)
                case .follow(let thread, _): followed.append(thread)
                case .leave: hasLeft = true
                case .unfollow, .suspend: break
                }
            }
        }

        mutating func handle(_ input: ChatModel.Input) { take(model.handle(input, in: frame)) }
        mutating func event(_ event: ChatEvent) { handle(.event(event, conversation: model.conversation ?? "")) }

        mutating func type(_ text: String) {
            handle(.key(.text(text)))
            handle(.key(.enter))
        }

        var live: [String] { model.view(in: frame).lines.map(\.plain) }
        func printed(_ text: String) -> Int { printed.count { $0.contains(text) } }
    }

    @Test func aStarterIsChosenByItsNumberAndOpensAThread() throws {
        var chat = try Chat(thread: nil, starters: #"[{"title":"Sum up","text":"Sum up the report"}]"#)
        #expect(chat.printed("1  Sum up") == 1)
        chat.type("1")
        guard case .submit(let submission)? = chat.requests.first else {
            Issue.record("nothing sent")
            return
        }
        #expect(submission.text == "Sum up the report" && submission.conversation == nil)
        chat.handle(.result(.sent(try MessageReceipt(Samples.reader(#"{"message":"m1","conversation":"new1"}"#)))))
        #expect(chat.followed == ["new1"])
        // A number is a message like any other from then on.
        chat.type("1")
        guard case .submit(let second)? = chat.requests.last else { return }
        #expect(second.text == "1" && second.conversation == "new1")
    }

    @Test func whatIsTypedWhileTheFirstMessageIsOnItsWayJoinsItsThread() throws {
        var chat = try Chat(thread: nil)
        chat.type("one")
        chat.type("two")
        #expect(chat.requests.count == 1)
        chat.handle(.result(.sent(try MessageReceipt(Samples.reader(#"{"message":"m1","conversation":"new1"}"#)))))
        guard case .submit(let second)? = chat.requests.last else {
            Issue.record("the second message was lost")
            return
        }
        #expect(second.text == "two" && second.conversation == "new1")
    }

    @Test func aMessageThatCouldNotBeSentComesBackToBeEdited() throws {
        var chat = try Chat()
        chat.type("precious")
        guard case .submit(let submission)? = chat.requests.last else { return }
        chat.handle(.result(.notSent(submission, reason: "No daemon.")))
        #expect(chat.printed("Not sent: No daemon.") == 1)
        #expect(chat.live.contains("› precious"))
    }

    @Test func theDraftIsShownLiveAndTheAnswerPrintedOnce() throws {
        var chat = try Chat()
        chat.event(.draft(text: "", reset: true))
        chat.event(.draft(text: "Hello **wor", reset: false))
        #expect(chat.live.contains("Hello **wor"))
        chat.event(.draft(text: "ld**", reset: false))
        #expect(chat.live.contains("Hello world"))
        #expect(chat.printed("Hello") == 0)
        chat.event(try Samples.entry(2, "assistant", "Hello **world**", author: "Bulkhead"))
        chat.event(.done)
        #expect(chat.printed("Hello world") == 1)
        #expect(!chat.live.contains { $0.contains("Hello") })
    }

    @Test func aLongDraftScrollsAwayAndIsNotPrintedTwice() throws {
        var chat = try Chat()
        let text = (0..<100).map { "paragraph \($0)." }.joined(separator: "\n\n")
        chat.event(.draft(text: "", reset: true))
        for character in text { chat.event(.draft(text: String(character), reset: false)) }
        #expect(chat.printed("paragraph 10.") == 1)
        #expect(chat.live.count < 24)
        chat.event(try Samples.entry(2, "assistant", text + "\n", author: "Bulkhead"))
        chat.event(.done)
        for number in [0, 10, 50, 98, 99] { #expect(chat.printed("paragraph \(number).") == 1) }
    }

    @Test func anAnswerThatDiffersFromItsPrintedDraftIsPrintedInFull() throws {
        var chat = try Chat()
        chat.event(.draft(text: (0..<100).map { "line \($0)\n\n" }.joined(), reset: true))
        chat.event(try Samples.entry(2, "assistant", "Something else.", author: "Bulkhead"))
        #expect(chat.printed("Something else.") == 1)
        #expect(chat.printed("The answer changed") == 1)
    }

    @Test func aReconnectionSendsTheDraftAgainWithoutDoublingIt() throws {
        var chat = try Chat()
        chat.event(.draft(text: "The answer", reset: true))
        chat.handle(.connection(isUp: false))
        #expect(chat.live.contains { $0.contains("does not answer") })
        chat.handle(.connection(isUp: true))
        chat.event(.draft(text: "The answer is 42", reset: true))
        #expect(chat.live.contains("The answer is 42"))
        let entry = try Samples.entry(2, "assistant", "The answer is 42", author: "Bulkhead")
        chat.event(entry)
        chat.event(entry)
        #expect(chat.printed("The answer is 42") == 1)
    }

    @Test func toolCallsAreLiveThenOneLine() throws {
        var chat = try Chat()
        chat.event(.draft(text: "I look.", reset: true))
        chat.event(try Samples.tool("c1", "running"))
        #expect(chat.printed("I look.") == 1)
        #expect(chat.live.contains { $0.hasPrefix("• bash  ls") })
        chat.event(try Samples.tool("c1", "done"))
        chat.event(try Samples.tool("c1", "done"))
        chat.event(
            try Samples.entry(2, "assistant", "Done.", author: "Bulkhead", tools: "[\(Samples.toolJSON("c1", "done"))]")
        )
        #expect(chat.printed("✓ bash  ls  12 ms") == 1)
        #expect(!chat.live.contains { $0.contains("bash") })
    }

    @Test(arguments: [
        ("y", true), ("Yes", true), ("", false), ("n", false), ("no", false),
    ])
    func onlyAPlainYesAllows(typed: String, allow: Bool) throws {
        var chat = try Chat()
        chat.event(try Samples.approval("a1"))
        #expect(chat.printed("command: 2 lines") == 1 && chat.printed("  │ rm -rf x") == 1 && chat.printed("n: 1") == 1)
        if !typed.isEmpty { chat.handle(.key(.text(typed))) }
        chat.handle(.key(.enter))
        #expect(chat.requests == [.answer(approval: "a1", tool: "bash", allow: allow)])
    }

    @Test func wordsTypedWhenAQuestionPopsUpDoNotAnswerIt() throws {
        var chat = try Chat()
        chat.handle(.key(.text("yes, and als")))
        chat.event(try Samples.approval("a1"))
        chat.type("o this")
        #expect(chat.requests.isEmpty)
        #expect(chat.printed("Please answer with a key") == 1)
        chat.type("y")
        #expect(chat.requests == [.answer(approval: "a1", tool: "bash", allow: true)])
        // What was being typed is still there.
        #expect(chat.live.contains("› yes, and als"))
    }

    @Test func questionsComeOneAfterTheOtherAndCanCloseByThemselves() throws {
        var chat = try Chat()
        chat.event(try Samples.approval("a1"))
        chat.event(try Samples.approval("a2"))
        chat.event(try Samples.approval("a2"))
        #expect(chat.live.contains { $0.contains("1 of 2") })
        chat.event(.approvalClosed(id: "a1", outcome: "expired"))
        #expect(chat.printed("closed: expired") == 1)
        chat.type("n")
        #expect(chat.requests == [.answer(approval: "a2", tool: "bash", allow: false)])
    }

    @Test(arguments: [
        ("c", true, GrantScope.conversation, nil), ("H", true, .channel, nil), ("y", true, nil, nil),
        ("n not to them", false, nil, "not to them"), ("no", false, nil, nil),
    ])
    func anAnswerMayHoldForLongerAndADenialMaySayWhy(typed: String, allow: Bool, scope: GrantScope?, reason: String?)
        throws
    {
        var chat = try Chat()
        chat.event(try Samples.approval("a1", scopes: #"["once","conversation","channel"]"#))
        #expect(chat.live.contains { $0.contains("[y/c/h/N]") })
        #expect(chat.printed("c for this conversation (these very arguments)") == 1)
        #expect(chat.printed("Rule: commands") == 1 && chat.printed("touched: untrusted") == 1)
        chat.type(typed)
        #expect(
            chat.requests == [.answer(approval: "a1", tool: "bash", allow: allow, scope: scope, reason: reason)])
    }

    @Test(arguments: ["c", "h", "here", "y please", "always"])
    func whatIsNotOfferedIsNoAnswer(typed: String) throws {
        var chat = try Chat()
        chat.event(try Samples.approval("a1"))
        #expect(chat.live.contains { $0.contains("[y/N]") })
        chat.type(typed)
        #expect(chat.requests.isEmpty)
        #expect(chat.printed("Please answer with a key") == 1)
    }

    @Test func nobodyIsAskedWhatOnlyAnotherCanAnswer() throws {
        var member = try Chat()
        member.event(try Samples.approval("a1", requester: "bob", isYours: false))
        #expect(member.printed("This waits for an admin.") == 1)
        #expect(!member.live.contains { $0.contains("Allow this?") })
        var admin = try Chat(role: "admin")
        admin.event(try Samples.approval("a1", requester: "bob"))
        #expect(admin.live.contains { $0.contains("Allow this?") })
        var speaking = try Chat(role: "admin", isOnBehalf: true)
        speaking.event(try Samples.approval("a1"))
        #expect(!speaking.live.contains { $0.contains("Allow this?") })
    }

    @Test func controlCStopsTheTurnThenLeaves() throws {
        var chat = try Chat()
        chat.event(.state("Thinking"))
        chat.handle(.key(.control("c")))
        #expect(chat.requests == [.cancel(conversation: "t1")] && !chat.hasLeft)
        chat.handle(.key(.control("c")))
        #expect(chat.hasLeft)
    }

    @Test func controlCClearsALineThenWarnsThenLeaves() throws {
        var chat = try Chat()
        chat.handle(.key(.text("draft")))
        chat.handle(.key(.control("c")))
        #expect(chat.live.contains("› ") && !chat.hasLeft)
        chat.handle(.key(.control("c")))
        #expect(chat.printed("Ctrl-C again") == 1)
        chat.handle(.key(.text("x")))
        chat.handle(.key(.control("c")))
        chat.handle(.key(.control("c")))
        #expect(!chat.hasLeft)
        chat.handle(.key(.control("c")))
        #expect(chat.hasLeft)
    }

    @Test func controlDLeaves() throws {
        var chat = try Chat()
        chat.handle(.key(.control("d")))
        #expect(chat.hasLeft)
    }

    @Test func eventsOfAnotherThreadAreIgnored() throws {
        var chat = try Chat()
        chat.handle(.event(try Samples.entry(9, "assistant", "elsewhere", author: "Bulkhead"), conversation: "t2"))
        #expect(chat.printed("elsewhere") == 0)
        chat.type("/threads 2")
        #expect(chat.followed == ["t1", "t2"] && chat.model.conversation == "t2")
    }

    @Test func hostileEventsAreShownNotObeyed() throws {
        var chat = try Chat()
        var random = SeededGenerator(seed: 21)
        for number in 0..<300 {
            let text = random.hostileText(length: 80)
            chat.event(.draft(text: text, reset: Bool.random(using: &random)))
            chat.event(.state(text))
            chat.event(try Samples.entry(number + 2, ["user", "assistant", "notice"][number % 3], text, author: "x"))
            for line in chat.live + chat.printed {
                #expect(
                    !line.unicodeScalars.contains {
                        $0.value < 0x20 || (0x7F...0x9F).contains($0.value) || $0.value == 0x202E
                    })
            }
            chat.printed = []
            if number % 3 == 0 { chat.event(.done) }
        }
    }

    @Test func filesAreNumberedAndSaved() throws {
        var chat = try Chat()
        chat.event(
            try Samples.entry(
                2, "assistant", "Here.", author: "Bulkhead",
                attachments: #"[{"id":"att9","name":"../../.ssh/report.csv","bytes":2048}]"#))
        #expect(chat.printed("file 1: ../../.ssh/report.csv (2 KiB)") == 1)
        chat.type("/save 1")
        #expect(chat.requests == [.save(attachment: "att9", path: "report.csv")])
    }

    @Test(arguments: [
        ("hello", ChatCommand.message("hello")), ("/help", .help), (" /quit ", .quit), ("//path", .message("/path")),
        ("/threads 3", .threads(open: 3)), ("/mode readOnly", .mode(.readOnly)),
        ("/attach my file.txt", .attach(path: "my file.txt")), ("/undo", .undo(call: nil, force: false)),
        ("/undo 01abc --force", .undo(call: "01abc", force: true)),
        ("/save 2 out.csv", .save(number: 2, path: "out.csv")),
        ("/etc/hosts\nis a file", .message("/etc/hosts\nis a file")),
    ])
    func commandsAreUnderstood(line: String, command: ChatCommand) {
        #expect(ChatCommand(line) == command)
    }

    @Test(arguments: ["/nonsense", "/threads x", "/mode fast", "/attach", "/save one", "/undo a b"])
    func mistakesAreNamed(line: String) {
        guard case .mistake = ChatCommand(line) else {
            Issue.record("\(line) was taken")
            return
        }
    }
}
