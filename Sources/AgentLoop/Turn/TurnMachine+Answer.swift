import MCP

/// What follows from the model's answer, or from its failing to come.
extension TurnMachine {
    mutating func answered(_ message: ModelMessage) -> Action {
        turn?.brokenCalls = 0
        switch message.stopReason {
        case "end_turn", "tool_use", "stop_sequence":
            return message.toolCalls.isEmpty ? finish(message) : run(message)
        case "pause_turn": return message.toolCalls.isEmpty ? resume(message) : run(message)
        case "max_tokens": return cutOff(message)
        case "refusal": return refused(message)
        case "model_context_window_exceeded": return tooLong(partial: message.text)
        default:
            history.appendAssistant(text: message.text.isBlank ? "(no answer)" : message.text)
            let note = "The model stopped for a reason I do not know (\(message.stopReason.prefix(80)))."
            return reply(Self.joined(pieces + message.text, note), isFailure: true)
        }
    }

    private var pieces: String { turn?.pieces ?? "" }

    private mutating func run(_ message: ModelMessage) -> Action {
        history.appendAssistant(message.content)
        let text = pieces + message.text
        turn?.pieces = ""
        if !text.isBlank { turn?.lastText = text }
        state = .running
        return .run(message.toolCalls)
    }

    private mutating func finish(_ message: ModelMessage) -> Action {
        let isKept = history.appendAssistant(message.content)
        var text = pieces + message.text
        if text.isBlank { text = turn?.lastText ?? "" }
        guard !text.isBlank else {
            let sentence = "The model ended its turn without an answer. Please ask again, or in other words."
            return isKept ? reply(sentence, isFailure: true) : fail(sentence)
        }
        if !isKept { history.appendAssistant(text: text) }
        return reply(text)
    }

    private mutating func resume(_ message: ModelMessage) -> Action {
        history.appendAssistant(message.content)
        turn?.pieces += message.text
        return receive(wait: false)
    }

    /// At the output limit. A tool call may be cut off in a way that still reads as JSON, so none of this message runs.
    private mutating func cutOff(_ message: ModelMessage) -> Action {
        let spoken = message.content.filter { $0["type"]?.stringValue != "tool_use" }
        history.appendAssistant(spoken)
        turn?.pieces += message.text
        guard let turn, turn.continuations < Self.maximumContinuations else {
            let note =
                "My answer became longer than I may write at once, so it stops here. Ask me to continue for the rest."
            if history.endsWithUser { return fail(Self.joined(pieces, note)) }
            return reply(Self.joined(pieces, note), isFailure: pieces.isBlank)
        }
        self.turn?.continuations += 1
        let note =
            message.toolCalls.isEmpty
            ? "your answer was cut off at the output limit; continue exactly where it stopped, repeating nothing"
            : "your answer was cut off at the output limit before its tool call was complete, so no tool was run; make "
                + "smaller calls, for example write a long file in several parts"
        history.appendUser(text: SpokenText.note(note))
        return receive(wait: false)
    }

    /// What led to a refusal is taken out of the history: left in, every later request would be refused as well.
    private mutating func refused(_ message: ModelMessage) -> Action {
        if let before = turn?.before { history = before }
        history.appendUser(text: SpokenText.note("a request that the model declined was left out here"))
        return fail(Self.joined(pieces + message.text, "The model declined to answer this request."))
    }

    private mutating func tooLong(partial: String, reason: String? = nil) -> Action {
        if let turn, turn.condensations < Self.maximumCondensations, history.condense() {
            self.turn?.condensations += 1
            return receive(wait: false)
        }
        // Left in, what did not fit would keep every later request from being answered as well.
        if let before = turn?.before { history = before }
        history.appendUser(text: SpokenText.note("a request that made this conversation too long was left out here"))
        let sentence =
            "This conversation has become longer than the model can read, so I cannot go on here. "
            + "Please start a new conversation; files stay where they are." + (reason.map { " (\($0))" } ?? "")
        return fail(Self.joined(pieces + partial, sentence))
    }

    mutating func callFailed(_ failure: ModelFailure) -> Action {
        if failure.kind == .tooLong { return tooLong(partial: "", reason: failure.message) }
        guard failure.isWorthRepeating, let turn, turn.brokenCalls < Self.maximumBrokenCalls else {
            return fail(
                Self.joined(
                    pieces,
                    "I could not get an answer from the model: \(Self.unended(failure.message)). What was done so far is kept; "
                        + "please try again in a moment."))
        }
        self.turn?.brokenCalls += 1
        // The same step again; it counts, as it does for the harness. Polled first: a cancelled call looks like a broken one.
        return pause(.milliseconds(500) * (1 << turn.brokenCalls))
    }

    private static func unended(_ sentence: String) -> String {
        sentence.hasSuffix(".") ? String(sentence.dropLast()) : sentence
    }

    private static func joined(_ text: String, _ sentence: String) -> String {
        text.isBlank ? sentence : text + "\n\n" + sentence
    }
}
