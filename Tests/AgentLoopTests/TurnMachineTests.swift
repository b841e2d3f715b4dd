import AgentLoop
import MCP
import Testing

/// Drives a machine through a turn and looks at each next action.
struct MachineDriver {
    var machine: TurnMachine
    var action: TurnMachine.Action

    init(tools: [OfferedTool] = [], limits: Receipt.Limits? = nil) {
        machine = TurnMachine(tools: tools)
        action = machine.start()
        hear("m1", "hello", limits: limits)
    }

    mutating func feed(_ input: TurnMachine.Input) { action = machine.handle(input) }

    mutating func hear(_ id: String, _ text: String, limits: Receipt.Limits? = nil) {
        feed(.received(Receipt(messages: [Receipt.Message(id: id, from: "Anna", text: text)], limits: limits)))
    }

    mutating func silence() { feed(.received(Receipt())) }

    mutating func cancel() {
        feed(.received(Receipt(messages: [Receipt.Message(id: "c", from: "Anna", text: "", isCancellation: true)])))
    }

    mutating func say(_ text: String, stop: String = "end_turn") {
        feed(.answered(ModelMessage(content: [["type": "text", "text": .string(text)]], stopReason: stop)))
    }

    mutating func ask(_ calls: [ToolCall], text: String = "", stop: String = "tool_use") {
        var content: [JSONObject] = text.isEmpty ? [] : [["type": "text", "text": .string(text)]]
        content += calls.map {
            ["type": "tool_use", "id": .string($0.id), "name": .string($0.name), "input": .object($0.arguments)]
        }
        feed(.answered(ModelMessage(content: content, toolCalls: calls, stopReason: stop)))
    }

    mutating func ran(_ calls: [ToolCall], _ text: String = "ok") {
        feed(.ran(calls.map { ToolOutcome($0, .text(text)) }))
    }

    var request: JSONValue? {
        if case .call(let request) = action { request.body } else { nil }
    }

    var messages: [JSONValue] { request?["messages"]?.arrayValue ?? [] }

    var reply: TurnMachine.Reply? {
        if case .reply(let reply) = action { reply } else { nil }
    }

    /// All text of all messages of the request.
    var said: String {
        messages.flatMap { $0["content"]?.arrayValue ?? [] }.map(\.text).joined(separator: "\n")
    }
}

@Suite struct TurnMachineTests {
    private let call = ToolCall(id: "t1", name: "bash", arguments: ["command": "ls"])

    @Test func aMessageIsAnswered() {
        var driver = MachineDriver()
        #expect(
            driver.request?["messages"]?[0]?["content"]?[0]?["text"] == "<message from=\"Anna\">\nhello\n</message>")
        driver.say("Hi!")
        #expect(driver.reply == TurnMachine.Reply(text: "Hi!", inReplyTo: "m1"))
        driver.feed(.replied)
        #expect(driver.action == .receive(wait: true))
    }

    @Test func toolsRunAndTheirResultsGoBackInOrder() {
        var driver = MachineDriver()
        let calls = ["a", "b", "c"].map { ToolCall(id: $0, name: "bash") }
        driver.ask(calls, text: "Looking")
        #expect(driver.action == .run(calls))
        driver.ran(calls)
        #expect(driver.action == .receive(wait: false))
        driver.silence()
        let ids = driver.messages.last?["content"]?.arrayValue?.map { $0["tool_use_id"]?.stringValue }
        #expect(ids == ["a", "b", "c"])
        #expect(driver.messages.map { $0["role"]?.stringValue } == ["user", "assistant", "user"])
    }

    @Test func aFollowUpSteersTheTurnAndIsWhatTheReplyAnswers() {
        var driver = MachineDriver()
        driver.ask([call])
        driver.ran([call])
        driver.hear("m2", "and also check X")
        let last = driver.messages.last?["content"]?.arrayValue ?? []
        #expect(last.map { $0["type"]?.stringValue } == ["tool_result", "text"])
        #expect(last.last?["text"]?.stringValue?.contains("also check X") == true)
        driver.say("both done")
        #expect(driver.reply?.inReplyTo == "m2")
    }

    @Test func aCancellationEndsTheTurnWithoutAReply() {
        var driver = MachineDriver()
        driver.ask([call])
        driver.ran([call])
        driver.cancel()
        #expect(driver.action == .receive(wait: true))
        driver.hear("m2", "something else")
        #expect(driver.messages.map { $0["role"]?.stringValue } == ["user", "assistant", "user", "assistant", "user"])
        driver.say("done")
        #expect(driver.reply?.inReplyTo == "m2")
    }

    @Test func aLateCancellationDoesNotTouchTheNextTurn() {
        var driver = MachineDriver()
        driver.say("Hi!")
        driver.feed(.replied)
        driver.cancel()
        #expect(driver.action == .receive(wait: true))
        driver.hear("m2", "next")
        #expect(driver.request != nil)
    }

    @Test func whatComesAfterACancellationInTheSameReceiptIsANewTurn() {
        var driver = MachineDriver()
        driver.ask([call])
        driver.ran([call])
        driver.feed(
            .received(
                Receipt(messages: [
                    Receipt.Message(id: "c", from: "Anna", text: "", isCancellation: true),
                    Receipt.Message(id: "m3", from: "Anna", text: "instead this"),
                ])))
        driver.say("done")
        #expect(driver.reply?.inReplyTo == "m3")
    }

    @Test func aBrokenStreamIsRepeatedTwiceAfterPausesAndPolls() {
        var driver = MachineDriver()
        for attempt in 1...2 {
            driver.feed(.callFailed(ModelFailure(.broken, "it broke off")))
            #expect(driver.action == .pause(.milliseconds(500 << (attempt - 1))))
            driver.feed(.paused)
            #expect(driver.action == .receive(wait: false))
            driver.silence()
            #expect(driver.request != nil)
        }
        driver.feed(.callFailed(ModelFailure(.broken, "it broke off")))
        #expect(driver.reply?.isFailure == true)
        #expect(driver.reply?.text.contains("it broke off") == true)
    }

    /// The harness counts it, so the loop does: it is to stop in its own words, not in a refusal's.
    @Test func aRepeatedCallCountsAsOne() {
        var driver = MachineDriver(limits: Receipt.Limits(maximumTurns: 1))
        driver.feed(.callFailed(ModelFailure(.broken, "it broke off")))
        driver.feed(.paused)
        driver.silence()
        #expect(driver.request == nil)
        #expect(driver.reply?.text.contains("I stopped after 1 steps") == true)
    }

    @Test func aModelThatIsNotGrantedAnyMoreEndsTheTurnInASentence() {
        var driver = MachineDriver()
        driver.feed(.callFailed(ModelFailure(.answered(status: 429), "This question has used all its calls.")))
        #expect(driver.reply?.isFailure == true)
        #expect(driver.reply?.text.contains("has used all its calls. What was done") == true)
    }

    @Test func aRepeatedCallIsTheSameRequest() {
        var driver = MachineDriver()
        let first = driver.request
        driver.feed(.callFailed(ModelFailure(.broken, "x")))
        driver.feed(.paused)
        driver.silence()
        #expect(driver.request?.serialized() == first?.serialized())
    }

    @Test func aCancelledCallLooksBrokenAndIsNotRepeated() {
        var driver = MachineDriver()
        driver.feed(.callFailed(ModelFailure(.broken, "cancelled")))
        driver.feed(.paused)
        driver.cancel()
        #expect(driver.action == .receive(wait: true))
    }

    @Test func anErrorAnswerIsNotRepeated() {
        var driver = MachineDriver()
        driver.feed(.callFailed(ModelFailure(.answered(status: 402), "The budget is used up")))
        #expect(driver.reply?.isFailure == true)
        #expect(driver.reply?.text.contains("The budget is used up") == true)
        driver.feed(.replied)
        driver.hear("m2", "again")
        #expect(driver.messages.map { $0["role"]?.stringValue } == ["user", "assistant", "user"])
    }

    @Test func theTurnLimitEndsInAnHonestSentence() {
        var driver = MachineDriver(limits: Receipt.Limits(maximumTurns: 3))
        for _ in 0..<3 {
            driver.ask([call])
            driver.ran([call])
            driver.silence()
        }
        #expect(driver.reply?.isFailure == true)
        #expect(driver.reply?.text.contains("3 steps") == true)
        driver.feed(.replied)
        driver.hear("m2", "continue")
        #expect(driver.request != nil)
    }

    @Test func anAnswerCutOffAtTheOutputLimitIsContinued() {
        var driver = MachineDriver()
        driver.say("one ", stop: "max_tokens")
        driver.silence()
        #expect(driver.messages.last?["content"]?[0]?["text"]?.stringValue?.contains("cut off") == true)
        driver.say("two")
        #expect(driver.reply == TurnMachine.Reply(text: "one two", inReplyTo: "m1"))
    }

    @Test func anAnswerWithoutEndStopsHonestly() {
        var driver = MachineDriver()
        for _ in 0..<4 {
            driver.say("more ", stop: "max_tokens")
            if driver.reply == nil { driver.silence() }
        }
        #expect(driver.reply?.text.hasPrefix("more more more more ") == true)
        #expect(driver.reply?.text.contains("Ask me to continue") == true)
    }

    @Test func aToolCallCutOffAtTheOutputLimitNeverRuns() {
        var driver = MachineDriver()
        driver.ask([call], text: "Writing", stop: "max_tokens")
        #expect(driver.action == .receive(wait: false))
        driver.silence()
        #expect(!driver.said.contains("tool_use"))
        #expect(driver.said.contains("no tool was run"))
    }

    @Test func aPausedTurnGoesOn() {
        var driver = MachineDriver()
        driver.say("part one, ", stop: "pause_turn")
        driver.silence()
        #expect(driver.messages.last?["role"] == "assistant")
        driver.say("part two")
        #expect(driver.reply?.text == "part one, part two")
    }

    @Test func aRefusalIsSaidAndLeavesNoTrace() {
        var driver = MachineDriver()
        driver.say("", stop: "refusal")
        #expect(driver.reply?.text == "The model declined to answer this request.")
        #expect(driver.reply?.isFailure == true)
        driver.feed(.replied)
        driver.hear("m2", "something else")
        #expect(!driver.said.contains("hello"))
    }

    @Test func tooLongALeavesOutOldResultsFirst() {
        var driver = MachineDriver()
        for _ in 0..<4 {
            driver.ask([call])
            driver.ran([call], String(repeating: "x", count: 5000))
            driver.silence()
        }
        let before = driver.said.utf8.count
        driver.feed(.callFailed(ModelFailure(.tooLong, "prompt is too long")))
        #expect(driver.action == .receive(wait: false))
        driver.silence()
        #expect(driver.said.utf8.count < before - 9000)
        #expect(driver.said.contains("left out to make room"))
        driver.say("fits now")
        #expect(driver.reply?.isFailure == false)
    }

    @Test func whatCannotBeMadeShorterEndsHonestlyAndDoesNotPoisonTheNextTurn() {
        var driver = MachineDriver()
        driver.feed(.callFailed(ModelFailure(.tooLong, "prompt is too long")))
        #expect(driver.reply?.isFailure == true)
        #expect(driver.reply?.text.contains("longer than the model can read") == true)
        driver.feed(.replied)
        driver.hear("m2", "short")
        #expect(!driver.said.contains("hello"))
    }

    @Test func condensingEnds() {
        var driver = MachineDriver()
        for _ in 0..<40 {
            driver.ask([call])
            driver.ran([call], String(repeating: "x", count: 5000))
            driver.silence()
        }
        var count = 0
        while driver.reply == nil, count < 20 {
            driver.feed(.callFailed(ModelFailure(.tooLong, "still too long")))
            if driver.reply == nil { driver.silence() }
            count += 1
        }
        #expect(driver.reply?.isFailure == true)
        #expect(count <= 7)
    }

    @Test func anEmptyEndAnswersWithWhatWasSaidBefore() {
        var driver = MachineDriver()
        driver.ask([call], text: "I have written the file.")
        driver.ran([call])
        driver.silence()
        driver.feed(.answered(ModelMessage(content: [], stopReason: "end_turn")))
        #expect(driver.reply == TurnMachine.Reply(text: "I have written the file.", inReplyTo: "m1"))
    }

    @Test func anEmptyAnswerIsSaidToBeEmpty() {
        var driver = MachineDriver()
        driver.say(" \n", stop: "end_turn")
        #expect(driver.reply?.isFailure == true)
        driver.feed(.replied)
        driver.hear("m2", "again")
        #expect(!driver.messages.isEmpty)
        #expect(driver.messages.flatMap { $0["content"]?.arrayValue ?? [] }.allSatisfy { $0["text"] != " \n" })
    }

    @Test func anUnknownStopReasonIsNamedAndItsCallsDoNotRun() {
        var driver = MachineDriver()
        driver.ask([call], text: "So far", stop: "meteor")
        #expect(driver.reply?.text.contains("meteor") == true)
        #expect(driver.reply?.text.hasPrefix("So far") == true)
        driver.feed(.replied)
        driver.hear("m2", "again")
        #expect(!driver.said.contains("tool_use"))
    }

    @Test func aRefusedReplyIsToldToTheModelOnceThenSaid() {
        var driver = MachineDriver()
        driver.say("secret")
        driver.feed(.replyRefused("it holds private data"))
        driver.silence()
        #expect(driver.said.contains("it holds private data"))
        driver.say("secret again")
        driver.feed(.replyRefused("still"))
        #expect(driver.reply?.isFailure == true)
        driver.feed(.replyRefused("and still"))
        #expect(driver.action == .receive(wait: true))
    }

    @Test func aHarnessWithoutAnswersIsNotAskedInATightLoop() {
        var machine = TurnMachine()
        _ = machine.start()
        var pauses = 0
        for _ in 0..<9 {
            if case .pause = machine.handle(.received(Receipt())) {
                pauses += 1
                _ = machine.handle(.paused)
            }
        }
        #expect(pauses >= 3)
        var action = machine.handle(.receiveFailed("no"))
        for _ in 0..<10 {
            guard case .pause = action else { break }
            _ = machine.handle(.paused)
            action = machine.handle(.receiveFailed("no"))
        }
        guard case .end = action else {
            Issue.record("expected the loop to end, not \(action)")
            return
        }
    }

    @Test func theTranscriptComesBeforeTheFirstMessage() {
        var machine = TurnMachine()
        _ = machine.start()
        let context = Receipt.Context(
            system: "You are Bulkhead.",
            transcript: [
                Receipt.Line(isAssistant: true, from: "Bulkhead", text: "Welcome"),
                Receipt.Line(isAssistant: false, from: "Bob", text: "hi </message>"),
                Receipt.Line(isAssistant: false, from: "Eve", text: ""),
            ])
        let action = machine.handle(
            .received(Receipt(messages: [Receipt.Message(id: "m", from: "Anna", text: "go")], context: context)))
        guard case .call(let request) = action else {
            Issue.record("expected a call")
            return
        }
        let roles = request.body["messages"]?.arrayValue?.map { $0["role"]?.stringValue }
        #expect(roles == ["user", "assistant", "user"])
        #expect(
            request.body["messages"]?[2]?["content"]?[0]?["text"]?.stringValue?.hasPrefix("<message from=\"Bob\">")
                == true)
        #expect(request.body["system"]?[0]?["text"] == "You are Bulkhead.")
    }
}
