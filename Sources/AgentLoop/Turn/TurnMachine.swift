import MCP

/// A session's conversation as a state machine: what happened goes in, the one thing to do next comes out. It waits for
/// nothing and does no input or output itself; `AgentLoop` does what it says.
///
///     receiving ─► calling ─► running tools ─► polling ─► calling … ─► replying ─► receiving
///                    │ broken stream: pausing ─► polling ─► calling
///
/// Between any two model calls it polls for messages, so that a follow-up steers the turn and a cancellation ends it.
package struct TurnMachine: Sendable {
    package enum Input: Sendable {
        case received(Receipt)
        case receiveFailed(String)
        case paused
        case answered(ModelMessage)
        case callFailed(ModelFailure)
        /// In the order of the calls.
        case ran([ToolOutcome])
        case replied
        case replyRefused(String)
    }

    package enum Action: Sendable, Hashable {
        case receive(wait: Bool)
        case pause(Duration)
        case call(ModelRequest)
        /// At the same time; the outcomes go back in this order.
        case run([ToolCall])
        case reply(Reply)
        case end(String)
    }

    package struct Reply: Sendable, Hashable {
        package var text: String
        package var inReplyTo: String
        package var isFailure: Bool

        package init(text: String, inReplyTo: String, isFailure: Bool = false) {
            self.text = text
            self.inReplyTo = inReplyTo
            self.isFailure = isFailure
        }
    }

    enum State: Sendable, Hashable {
        case receiving, polling, calling, pausing, running, replying
    }

    /// One request of a person, from the message that began it to the reply.
    struct Turn: Sendable {
        /// The history to go back to where the model will not have what was said since.
        let before: ModelHistory
        var lastMessage: String
        var calls = 0
        var brokenCalls = 0
        var continuations = 0
        var condensations = 0
        var refusedReplies = 0
        /// Text of an answer that continues in the next call.
        var pieces = ""
        /// What the model last said beside its tool calls: the answer, where it ends without another.
        var lastText = ""
    }

    static let maximumBrokenCalls = 2
    static let maximumContinuations = 3
    static let maximumCondensations = 6
    static let maximumFailedReceives = 5

    var state = State.receiving
    var turn: Turn?
    var history = ModelHistory()
    var limits = Receipt.Limits()
    private var context = Receipt.Context()
    private var tools: [OfferedTool]
    private var emptyReceipts = 0
    private var failedReceives = 0

    package init(tools: [OfferedTool] = []) {
        self.tools = tools
    }

    package mutating func start() -> Action { receive(wait: true) }

    /// The harness's list of tools has changed.
    package mutating func offer(_ tools: [OfferedTool]) {
        self.tools = tools
    }

    package var toolNames: Set<String> { Set(tools.map(\.name)) }

    package mutating func handle(_ input: Input) -> Action {
        switch (state, input) {
        case (.receiving, .received(let receipt)), (.polling, .received(let receipt)): return received(receipt)
        case (.receiving, .receiveFailed(let reason)), (.polling, .receiveFailed(let reason)):
            return receiveFailed(reason)
        case (.pausing, .paused): return receive(wait: turn == nil)
        case (.calling, .answered(let message)): return answered(message)
        case (.calling, .callFailed(let failure)): return callFailed(failure)
        case (.running, .ran(let outcomes)):
            history.append(outcomes)
            return receive(wait: false)
        case (.replying, .replied):
            turn = nil
            return receive(wait: true)
        case (.replying, .replyRefused(let reason)): return replyRefused(reason)
        default: return .end("the loop lost its place: \(input) while \(state)")
        }
    }

    // MARK: Receiving

    mutating func receive(wait: Bool) -> Action {
        state = wait ? .receiving : .polling
        return .receive(wait: wait)
    }

    mutating func pause(_ duration: Duration) -> Action {
        state = .pausing
        return .pause(duration)
    }

    private mutating func received(_ receipt: Receipt) -> Action {
        failedReceives = 0
        if let limits = receipt.limits { self.limits = limits }
        if let context = receipt.context {
            self.context = context
            if turn == nil { history = ModelHistory(transcript: context.transcript) }
        }
        for message in receipt.messages {
            if message.isCancellation {
                cancel()
            } else {
                take(message)
            }
        }
        if turn != nil { return callModel() }
        guard receipt.messages.isEmpty, state == .receiving else {
            emptyReceipts = 0
            return receive(wait: true)
        }
        // A harness that answers a waiting `receive` with nothing must not be asked in a tight loop.
        emptyReceipts += 1
        return emptyReceipts < 3 ? receive(wait: true) : pause(.seconds(1))
    }

    private mutating func take(_ message: Receipt.Message) {
        if turn == nil {
            turn = Turn(before: history, lastMessage: message.id)
        } else {
            turn?.lastMessage = message.id
        }
        for line in message.context { history.appendUser(text: SpokenText.line(line)) }
        history.appendUser(text: SpokenText.message(message))
    }

    /// Without a reply: the harness has told people. What the model had done stays in its memory.
    private mutating func cancel() {
        guard turn != nil else { return }
        turn = nil
        history.appendAssistant(text: "I stopped here: the request was cancelled.")
    }

    private mutating func receiveFailed(_ reason: String) -> Action {
        failedReceives += 1
        guard failedReceives < Self.maximumFailedReceives else {
            return .end("the harness does not answer receive: \(reason)")
        }
        return pause(.milliseconds(200) * (1 << failedReceives))
    }

    // MARK: Calling

    mutating func callModel() -> Action {
        guard var turn else { return receive(wait: true) }
        guard turn.calls < limits.maximumTurns else {
            return fail(
                "I stopped after \(turn.calls) steps without getting to the end. What was done so far is kept; "
                    + "write \"continue\" and I will go on from there.")
        }
        turn.calls += 1
        self.turn = turn
        state = .calling
        return .call(request)
    }

    private var request: ModelRequest {
        ModelRequest(
            system: context.system, stableBytes: context.stableBytes, tools: tools,
            messages: history.messages(keptFor: limits.conversationLife),
            maximumOutputTokens: limits.maximumOutputTokens, prefixLife: limits.prefixLife)
    }

    // MARK: Replying

    mutating func reply(_ text: String, isFailure: Bool = false) -> Action {
        state = .replying
        return .reply(Reply(text: text, inReplyTo: turn?.lastMessage ?? "", isFailure: isFailure))
    }

    /// The honest way out. The model sees later what people were told.
    mutating func fail(_ sentence: String) -> Action {
        history.appendAssistant(text: sentence)
        return reply(sentence, isFailure: true)
    }

    private mutating func replyRefused(_ reason: String) -> Action {
        turn?.refusedReplies += 1
        switch turn?.refusedReplies {
        case 1:
            history.appendUser(text: SpokenText.note("your answer could not be delivered: \(reason.prefix(500))"))
            return receive(wait: false)
        case 2: return fail("I have an answer but could not deliver it: \(reason.prefix(500))")
        default:
            turn = nil
            return receive(wait: true)
        }
    }
}
