internal import Harness
internal import Logging
internal import MCP
internal import Model
internal import Store

// One conversation's turns, one after the other.
extension ConversationService {
    /// Works off what waits in `conversation`, unless somebody already does; later, where too many are busy.
    func wake(_ conversation: ConversationID) {
        guard !isStopping, !busy.contains(conversation) else { return }
        guard busy.count < limits.conversations else { return hasMoreWaiting = true }
        busy.insert(conversation)
        spawn { await self.workOff(conversation) }
    }

    private func workOff(_ conversation: ConversationID) async {
        var hasFailed = false
        var isPaused = false
        var hasNoModel = false
        while !isStopping, !hasFailed {
            do {
                let pending = try await database.pending(in: conversation)
                guard let first = pending.first else { break }
                if try await isHeld(first) {
                    isPaused = true
                    break
                }
                if try await waitsForModel(first) {
                    hasNoModel = true
                    break
                }
                // What one person said in a row is one question.
                let batch = Array(pending.prefix { $0.isOneQuestion(with: first) })
                try await perform(batch, by: first, in: conversation)
            } catch {
                // The messages stay pending; the next message, or the next start, tries again.
                if await waitsForStore(after: error, in: conversation) { continue }
                parts.logger.error("turn could not be worked on", metadata: ["error": "\(error)"])
                hub.publish(.state("Something went wrong on our side; your message is kept."), in: conversation)
                hub.publish(.done, in: conversation)
                hasFailed = true
            }
        }
        busy.remove(conversation)
        // A message may have come between the last look and the line above.
        if !isStopping, !hasFailed, !hasNoModel, let left = try? await database.pending(in: conversation).first {
            // So may the end of a pause; while it lasts, only that end wakes this.
            if isPaused, (try? await isHeld(left)) ?? true { return }
            wake(conversation)
        }
        await wakeOneMore()
    }

    /// By the operator's brake, or for want of money.
    private func isHeld(_ message: MessageRecord) async throws -> Bool {
        if try await waitsForResume(message) { return true }
        return try await waitsForMoney(message)
    }

    /// A place is free for a conversation that `wake` left in the store.
    private func wakeOneMore() async {
        guard hasMoreWaiting, let waiting = try? await database.conversationsWithPending() else { return }
        hasMoreWaiting = false
        // `wake` says again that there are more, where there are.
        for conversation in waiting { wake(conversation) }
    }

    /// Tries at a turn whose agent went away before it saw the question.
    static var maximumAttempts: Int { 3 }

    /// The surface of a message that stands for an MCP client's own work: nobody else takes it up.
    static var externalSurface: String { MessageRecord.externalSurface }

    private func perform(_ batch: [MessageRecord], by first: MessageRecord, in conversation: ConversationID)
        async throws
    {
        guard let requester = first.author else { return }
        guard try await database.mayRead(conversation: conversation, person: requester) else {
            return try await dropWhatIsLeft(of: requester, in: conversation)
        }
        hub.turnStarted(in: conversation)
        hub.publish(.state("Starting"), in: conversation)
        defer { hub.publish(.done, in: conversation) }

        let live: LiveSession
        do {
            live = try await session(for: SessionKey(conversation: conversation, requester: requester))
            if let reader = try await database.soleReader(of: live.id) { hub.restrict(conversation, to: reader) }
        } catch  where isStopping || Task.isCancelled {
            // What failed is our going away. The messages wait in the store for the next start.
            return
        } catch {
            // No compartment is to be had. Said once, as the answer: the person knows, and asks again.
            let failure = error as? StartFailure
            var session = failure?.session
            if session == nil {
                session = try await database.startSession(
                    conversation: conversation, requester: requester, compartment: nil
                ).id
            }
            guard let session else { return }
            let turn = try await database.beginTurn(batch.map(\.id), session: session)
            try await finish(turn, kind: .notice, text: Self.sentence(for: failure?.cause ?? error), in: conversation)
            try await database.endSession(session, reason: "could not start")
            return
        }
        let turn = try await database.beginTurn(batch.map(\.id), session: live.id)
        var outcome: TurnOutcome
        do {
            let messages = try await prepare(batch, for: live)
            hub.publish(.state("Thinking"), in: conversation)
            outcome = await work(on: turn, messages, batch, live)
        } catch {
            outcome = .failed(reason: Self.sentence(for: error), wasSeen: true)
        }
        defer {
            shortages[turn] = nil
            routes[turn] = nil
        }
        while true {
            do {
                try await settle(outcome, turn: turn, batch: batch, live: live)
                return await endRoute(turn, outcome)
            } catch {
                // What became of the turn must not be lost for want of room.
                guard await waitsForStore(after: error, in: conversation) else { throw error }
                // The agent gave up on its answer for the same reason, which says more than that it gave up.
                if case .failed(_, let wasSeen) = outcome {
                    outcome = .failed(
                        reason: "The answer could not be kept. \(Self.sentence(for: error)) Please ask again.",
                        wasSeen: wasSeen)
                }
            }
        }
    }

    /// Where the store could not do its part and soon may (a full disk): tells people, and waits a moment. What is under
    /// way then goes on by itself, and nobody has to ask again. False where trying again is for nothing.
    private func waitsForStore(after error: any Error, in conversation: ConversationID) async -> Bool {
        guard let error = error as? StoreError, error.mayPass, !isStopping else { return false }
        complain("turns wait for it", error)
        hub.publish(.state("\(error.message) Your message is kept, and goes on by itself then."), in: conversation)
        do { try await Task.sleep(for: .seconds(1)) } catch { return false }
        return !isStopping
    }

    /// Tells the operator that the store takes nothing, once a minute at most: whoever calls this tries again by itself.
    func complain(_ consequence: String, _ error: any Error) {
        guard lastStoreComplaint.map({ ContinuousClock.now - $0 > .seconds(60) }) ?? true else { return }
        lastStoreComplaint = .now
        parts.logger.error(
            "the store takes nothing", metadata: ["consequence": "\(consequence)", "error": "\(error)"])
    }

    /// The turn itself. The model's door is open for it from before the agent can know of it until it is over.
    private func work(
        on turn: MessageID, _ messages: [JSONValue], _ batch: [MessageRecord], _ live: LiveSession
    ) async -> TurnOutcome {
        let limits = limits
        // Whoever works through an MCP client brings his own model.
        guard !live.isExternal else {
            return await withDeadline(live) {
                await live.agent.perform(turn, messages: messages, isHandedOver: true)
            }
        }
        await parts.doors.grant(await leave(for: turn, batch, live), for: turn, of: live.description)
        // A pause that came while the sandbox was started and files were placed found no turn to end.
        do {
            if let pause = try await pause(of: turn, live) {
                await parts.doors.revoke(turn, of: live.id)
                return .failed(reason: "Bulkhead is \(pause.inWords) here.", wasSeen: false)
            }
        } catch {
            await parts.doors.revoke(turn, of: live.id)
            return .failed(reason: Self.sentence(for: error), wasSeen: false)
        }
        let told: JSONValue = [
            "maximumTurns": .int(Int64(limits.modelCallsPerTurn)),
            "maximumOutputTokens": .int(Int64(limits.outputTokens)),
            // The last interval is the best guess at the next: of turns anywhere, and of turns here.
            "cache": [
                "prefix": .string(PromptLife.word(expecting: lastModelTurn.map { ContinuousClock.now - $0 })),
                "conversation": .string(PromptLife.word(expecting: await live.agent.timeSinceTurn(now: .now))),
            ],
        ]
        lastModelTurn = .now
        let outcome = await withDeadline(live) {
            await live.agent.perform(turn, messages: messages, limits: told)
        }
        await parts.doors.revoke(turn, of: live.id)
        return outcome
    }

    /// What stops this turn, by now.
    func pause(of turn: MessageID, _ live: LiveSession) async throws -> Pause? {
        let admin = try await database.message(turn)?.onBehalfBy
        return parts.pauses.pause(
            person: live.description.requester, onBehalfBy: admin, channel: live.description.channel)
    }

    private func settle(
        _ outcome: TurnOutcome, turn: MessageID, batch: [MessageRecord], live: LiveSession
    ) async throws {
        let conversation = live.description.conversation
        defer { settled(outcome, turn, in: conversation) }
        switch outcome {
        case .replied:
            await withdraw(live)
        case .cancelled(let person):
            await withdraw(live)
            let name = try await name(of: person)
            let pause = try await pause(of: turn, live).map { " Bulkhead is \($0.inWords)." } ?? ""
            try await finish(turn, kind: .notice, text: "Stopped by \(name).\(pause)", in: conversation)
        case .suspended:
            if try await pause(turn, of: live) { return }
            try await suspend(turn, of: live, because: nil)
        case .failed(let reason, let wasSeen):
            // As a turn under way: the next start takes it up.
            if isStopping || Task.isCancelled { return }
            if try await suspend(turn, of: live, because: reason) { return }
            let waits = try await waitsOut(turn, of: live.id)
            await withdraw(live)
            if waits {
                try await keep(turn, of: live.id, in: conversation)
                return await end(live, reason: reason)
            }
            await end(live, reason: reason)
            if !wasSeen, batch.allSatisfy({ $0.attempts < Self.maximumAttempts }) {
                try await database.returnToInbox(turn: turn)
            } else {
                outages.suspicions[turn] = nil
                try await finish(turn, kind: .notice, text: reason, in: conversation)
            }
        }
    }

    /// Nothing of the turn goes on: tool calls, questions to people. (Model calls have ended with the turn's grant.)
    private func withdraw(_ live: LiveSession) async {
        await desk.withdraw(session: live.id)
        _ = try? await database.cancelOpenToolCalls(session: live.id)
    }

    func finish(
        _ turn: MessageID, kind: MessageRecord.Kind, text: String, attachments: [AttachmentID] = [],
        in conversation: ConversationID
    ) async throws {
        let record = try await database.completeTurn(
            TurnCompletion(turn: turn, kind: kind, text: text, attachments: attachments, deliveries: []))
        await publish([record.id])
    }

    private func withDeadline(
        _ live: LiveSession, _ body: @escaping @Sendable () async -> TurnOutcome
    ) async -> TurnOutcome {
        // Whoever works through an MCP client of his own takes the time he needs.
        let limit = live.isExternal ? .seconds(24 * 3600) : limits.turn
        return await withTaskGroup(of: TurnOutcome?.self) { group in
            group.addTask { await body() }
            group.addTask {
                do { try await Task.sleep(for: limit) } catch { return nil }
                await live.agent.end(
                    reason: "This took longer than the \(limit.inWords) a question may take, so it was stopped.")
                return nil
            }
            var outcome: TurnOutcome?
            while let next = await group.next() {
                if let next {
                    outcome = next
                    group.cancelAll()
                }
            }
            return outcome ?? .failed(reason: "The assistant gave no answer. Please ask again.", wasSeen: true)
        }
    }

    static func sentence(for error: any Error) -> String {
        switch error {
        case let error as ChatError: error.message
        case let error as StoreError: error.message
        default: "The assistant could not start: \(error). An operator can run `bulkhead doctor`."
        }
    }
}

extension MessageRecord {
    /// Whether it goes into the turn that `first` opens. Whose words they are and who typed them is the same for all of
    /// a turn, for the audit names both by turn. A message that stands for an MCP client's work is a turn of its own, and
    /// so is an answered question.
    fileprivate func isOneQuestion(with first: MessageRecord) -> Bool {
        func isAlone(_ message: MessageRecord) -> Bool {
            message.surface.map(Self.harnessSurfaces.contains) ?? false
        }
        return id == first.id
            || (author == first.author && onBehalfBy == first.onBehalfBy && !isAlone(self) && !isAlone(first))
    }
}

extension Duration {
    var inWords: String {
        let seconds = components.seconds
        if seconds >= 7200 { return "\(seconds / 3600) hours" }
        return seconds >= 120 ? "\(seconds / 60) minutes" : "\(seconds) seconds"
    }
}
