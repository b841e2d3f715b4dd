package import MCP
package import Model
internal import Store

/// What becomes of a turn.
package enum TurnOutcome: Sendable {
    /// The agent replied, and the reply is stored.
    case replied
    case cancelled(by: PersonID)
    /// It waits for people, without the agent.
    case suspended
    /// The agent is gone, or broke the protocol; `reason` is a sentence for people. `wasSeen`: it had been handed the
    /// turn's messages and may have begun to work.
    case failed(reason: String, wasSeen: Bool)
}

/// One agent run for (conversation, requester), seen from the harness: the turn it was given and its calls under way.
///
/// The agent is somebody else's program as far as this actor is concerned. It may ask in any order, answer twice, or fall
/// silent; what it can reach is the turn it was given.
package actor AgentSession {
    package nonisolated let description: SessionDescription
    package nonisolated var id: SessionID { description.session }

    private struct Turn {
        let id: MessageID
        /// `nil` once the agent has them.
        var messages: [JSONValue]?
        /// What it is told beside them.
        let limits: JSONValue?
        var calls = 0
        var outcome: TurnOutcome?
        var waiter: CheckedContinuation<TurnOutcome, Never>?
    }

    /// What `receive` adds to its first answer.
    private var opening: JSONObject?
    private static let maximumCalls = Database.toolCallsPerTurn
    private var turn: Turn?
    private var agentMustBeToldOfCancel = false
    private var receiver: (id: Int, continuation: CheckedContinuation<Void, Never>)?
    private var nextReceiver = 0
    private var calls: [CallID: Task<CallToolResult, Never>] = [:]
    /// Of the calls under way.
    private var tools: [CallID: String] = [:]
    private var waitingForTurn: [CheckedContinuation<Void, Never>] = []
    private var endReason: String?
    private var lastActive: ContinuousClock.Instant
    private var hasWorked = false

    package init(_ description: SessionDescription, opening: JSONObject) {
        self.description = description
        self.opening = opening
        lastActive = .now
    }

    // MARK: The conversation's side

    package var hasEnded: Bool { endReason != nil }

    /// The turn that runs now.
    package var openTurn: MessageID? {
        guard let turn, turn.outcome == nil else { return nil }
        return turn.id
    }

    /// How long ago its last turn ended; `nil` before the first.
    package func timeSinceTurn(now: ContinuousClock.Instant) -> Duration? {
        hasWorked ? now - lastActive : nil
    }

    /// How long no turn has been running.
    package func idleTime(now: ContinuousClock.Instant) -> Duration {
        turn == nil ? now - lastActive : .zero
    }

    /// Hands a turn to the agent and waits for what becomes of it. The conversation gives one turn at a time.
    /// `limits` go with the messages: what the turn may take. `isHandedOver`: whoever works on it knows what it is about
    /// already, and need not receive it.
    package func perform(
        _ id: MessageID, messages: [JSONValue], limits: JSONValue? = nil, isHandedOver: Bool = false
    ) async -> TurnOutcome {
        if let endReason { return .failed(reason: endReason, wasSeen: false) }
        guard turn == nil else {
            return .failed(reason: "Another question is still being worked on.", wasSeen: false)
        }
        turn = Turn(id: id, messages: isHandedOver ? nil : messages, limits: limits)
        wakeReceiver()
        tellTurnOpened()
        let outcome = await withCheckedContinuation { continuation in
            if let outcome = turn?.outcome {
                continuation.resume(returning: outcome)
            } else {
                turn?.waiter = continuation
            }
        }
        turn = nil
        hasWorked = true
        lastActive = .now
        return outcome
    }

    /// Ends the turn and everything that runs for it. The agent is told at its next look.
    package func cancelTurn(by person: PersonID) {
        guard openTurn != nil else { return }
        agentMustBeToldOfCancel = turn?.messages == nil
        cancelCalls()
        resolve(.cancelled(by: person))
        wakeReceiver()
    }

    /// The turn goes on another time. Its calls are to be ended with `endCalls`.
    package func suspendTurn() {
        resolve(.suspended)
    }

    /// Ends what runs, but for calls that are on their way out already: they end by themselves.
    package func endCalls(sparing spared: Set<CallID>) {
        for call in spared { calls[call] = nil }
        cancelCalls()
    }

    /// The agent is gone. A turn under way ends with `reason`.
    package func end(reason: String) {
        guard endReason == nil else { return }
        endReason = reason
        cancelCalls()
        resolve(.failed(reason: reason, wasSeen: turn?.messages == nil))
        wakeReceiver()
        tellTurnOpened()
    }

    /// Returns once a turn is open, or the session has ended.
    package func untilTurnOpens() async {
        guard openTurn == nil, endReason == nil else { return }
        await withCheckedContinuation { waitingForTurn.append($0) }
    }

    private func tellTurnOpened() {
        for waiting in waitingForTurn { waiting.resume() }
        waitingForTurn = []
    }

    // MARK: The agent's side

    /// What the agent's `receive` gets: the turn it was given, or the requester's follow-ups to it. `followUps` records
    /// them as seen before it returns them, so that none is both answered and asked again.
    package func receive(
        wait: Bool, followUps: @Sendable (_ turn: MessageID) async throws -> [JSONValue]
    ) async throws -> JSONObject {
        while true {
            try Task.checkCancellation()
            if endReason != nil { throw MCPError.invalidParams("this session has ended") }
            if agentMustBeToldOfCancel {
                agentMustBeToldOfCancel = false
                return ["messages": [["id": "", "from": "", "at": "", "text": "", "kind": "cancel"]]]
            }
            if openTurn != nil, let messages = turn?.messages {
                turn?.messages = nil
                return answer(with: messages)
            }
            if !wait {
                guard let open = openTurn else { return ["messages": []] }
                return ["messages": .array(try await followUps(open))]
            }
            if openTurn != nil {
                // Waiting for more while the question is unanswered: nothing would ever come of this turn.
                resolve(.failed(reason: "The assistant stopped without an answer. Please ask again.", wasSeen: true))
            }
            guard receiver == nil else { throw MCPError.invalidParams("receive is already waiting") }
            await waitForNews()
        }
    }

    /// Gives the turn's answer; `commit` stores it. False where no turn is open: at most one reply a turn. Ends every
    /// other call of the turn than `replying`, the one that gives the answer.
    package func reply(
        as replying: CallID? = nil, commit: @Sendable (_ turn: MessageID) async throws -> Void
    ) async throws -> Bool {
        guard let open = openTurn, turn?.messages == nil else { return false }
        // Claimed before the first suspension, so that a second reply in flight finds it taken.
        turn?.outcome = .replied
        do {
            try await commit(open)
        } catch {
            turn?.outcome = nil
            // The session ended while the answer was being stored, and left the turn to this call.
            if let endReason { resolve(.failed(reason: endReason, wasSeen: true)) }
            throw error
        }
        // What else runs for this turn is for nothing now.
        for (id, call) in calls where id != replying { call.cancel() }
        let waiter = turn?.waiter
        turn?.waiter = nil
        waiter?.resume(returning: .replied)
        return true
    }

    /// Ends what runs of one tool; the turn goes on.
    package func cancelCalls(of tool: String) {
        for (id, name) in tools where name == tool { calls[id]?.cancel() }
    }

    /// Runs a tool call so that cancelling the turn, or the agent cancelling its request, cancels it.
    package func run(
        _ call: CallID, of tool: String = "", _ work: @escaping @Sendable (_ turn: MessageID) async -> CallToolResult
    ) async -> CallToolResult {
        guard let open = openTurn, turn?.messages == nil, endReason == nil else {
            return .failure("There is no question you work on: call receive for the next message.")
        }
        turn?.calls += 1
        guard let count = turn?.calls, count <= Self.maximumCalls else {
            return .failure("One question takes \(Self.maximumCalls) tool calls at most. Reply with what you have.")
        }
        let task = Task { await work(open) }
        calls[call] = task
        tools[call] = tool
        defer {
            calls[call] = nil
            tools[call] = nil
        }
        return await withTaskCancellationHandler {
            await task.value
        } onCancel: {
            task.cancel()
        }
    }

    package var callsUnderWay: Int { calls.count }

    // MARK: Inside

    private func answer(with messages: [JSONValue]) -> JSONObject {
        var answer: JSONObject = ["messages": .array(messages)]
        if let limits = turn?.limits { answer["limits"] = limits }
        if let opening {
            for (key, value) in opening { answer[key] = value }
            self.opening = nil
        }
        return answer
    }

    private func cancelCalls() {
        for call in calls.values { call.cancel() }
    }

    private func resolve(_ outcome: TurnOutcome) {
        guard openTurn != nil else { return }
        turn?.outcome = outcome
        let waiter = turn?.waiter
        turn?.waiter = nil
        waiter?.resume(returning: outcome)
    }

    private func wakeReceiver() {
        receiver?.continuation.resume()
        receiver = nil
    }

    private func waitForNews() async {
        nextReceiver += 1
        let id = nextReceiver
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if Task.isCancelled {
                    continuation.resume()
                } else {
                    receiver = (id, continuation)
                }
            }
        } onCancel: {
            Task { await self.stopWaiting(id) }
        }
    }

    private func stopWaiting(_ id: Int) {
        guard let receiver, receiver.id == id else { return }
        self.receiver = nil
        receiver.continuation.resume()
    }
}
