package import Budgets
internal import Harness
internal import Logging
internal import MCP
package import Model
internal import Store

// Turns that there is no money for. What people write meanwhile stays in the inbox, a turn that runs out in the middle goes
// back into it, and both go on by themselves when the period is over or a limit was raised.
extension ConversationService {
    /// On whose account the turn runs that `message` opens. `session`: `nil` before there is one.
    func account(
        of message: MessageID, _ person: PersonID, _ conversation: ConversationRecord, session: SessionID? = nil
    ) async throws -> BudgetSubject {
        var subject = BudgetSubject(
            person: person, channel: conversation.channel, conversation: conversation.id, session: session)
        guard let run = try await database.taskRun(ofTurn: message) else { return subject }
        (subject.task, subject.run) = (run.task.rawValue, run.id.rawValue)
        subject.runLimit = try await database.task(run.task)?.content.budget
        return subject
    }

    /// Whether the next question of a conversation has to wait for money; says so in it, once.
    func waitsForMoney(_ message: MessageRecord) async throws -> Bool {
        // Whoever works through an MCP client brings his own model.
        guard let author = message.author, message.surface != Self.externalSurface,
            let conversation = try await database.conversation(message.conversation)
        else { return false }
        let earlier = try await database.budgetWait(in: conversation.id)
        let needed = earlier?.microdollars ?? 1
        guard
            let shortage = try await shortage(
                of: try await account(of: message.id, author, conversation), needing: needed)
        else {
            if earlier != nil { try await database.endBudgetWait(in: conversation.id) }
            return false
        }
        let sentence =
            "\(shortage.sentence). Your message is kept, and I answer it by myself "
            + "\(shortage.returning(at: parts.clock.now()))."
        if let notice = try await database.tellOfBudgetWait(
            in: conversation.id, needing: needed, notice: sentence)
        {
            await publish([notice.id])
        }
        hub.publish(.state(sentence), in: conversation.id)
        return true
    }

    /// Why nothing that costs `microdollars` can be done there now.
    private func shortage(of subject: BudgetSubject, needing microdollars: Int64) async throws -> BudgetShortage? {
        let book = parts.budgets.current
        let short = try await database.balances(of: subject, in: book).filter { !$0.has(roomFor: microdollars) }
        return short.isEmpty ? nil : BudgetShortage(short, needing: microdollars, zone: book.zone)
    }

    /// A model call of the turn was not made for want of money: the turn ends here, and goes on when there is some.
    package func ranOut(_ shortage: BudgetShortage, turn: MessageID, session: SessionID) async {
        guard let live = liveSession(session), await live.agent.openTurn == turn else { return }
        shortages[turn] = shortage
        await live.agent.suspendTurn()
    }

    /// Ends a turn that ran out of money, and its session: nothing of it is held meanwhile. False where it did not.
    func pause(_ turn: MessageID, of live: LiveSession) async throws -> Bool {
        guard let shortage = shortages[turn] else { return false }
        await live.agent.endCalls(sparing: [])
        await desk.withdraw(session: live.id)
        _ = try? await database.cancelOpenToolCalls(session: live.id)
        let now = parts.clock.now()
        // A run of a task that has used up what it may is over: nobody waits for it.
        if shortage.returns == nil, try await database.taskRun(ofTurn: turn) != nil {
            let text = "\(shortage.sentence), so this run ended."
            try await finish(turn, kind: .notice, text: text, in: live.description.conversation)
            await end(live, reason: "has used up its budget")
            return true
        }
        let messages = try await database.pauseTurn(
            turn, needing: shortage.needed,
            notice: "\(shortage.sentence). What was done so far is kept, and I go on by myself "
                + "\(shortage.returning(at: now)).")
        await publish(messages.map(\.id))
        await end(live, reason: "waits for money")
        return true
    }

    /// What an agent is told that goes on with a turn that ran out of money: another one, which knows what stands in the
    /// conversation, and not what was done in between.
    func resumption(of message: MessageRecord, for live: LiveSession) async throws -> JSONValue {
        let earlier = message.eventID.map { MessageID(trusted: $0) }
        var done: [String] = []
        if let earlier {
            // What the one session had touched, the other goes on with.
            if let session = try await database.message(earlier)?.session,
                let labels = try await database.session(session)?.labels, !labels.isEmpty
            {
                _ = try await database.label(live.id, adding: labels)
            }
            if let reader = try await database.soleReader(of: live.id) {
                hub.restrict(live.description.conversation, to: reader)
            }
            done = try await database.toolCalls(turn: earlier).filter { $0.state == .done && $0.tool != "receive" }
                .map { "- \($0.tool) \($0.arguments.cut(to: 300))" }
        }
        let name = try await name(of: message.author)
        var text =
            "[The budget allows it again] The answer to \(name) was interrupted because a budget was used up. It is not "
            + "any more: go on with what \(name) had asked for."
        if !done.isEmpty {
            text +=
                " These calls had been made for it; do not repeat what changes something:\n"
                + done.suffix(40).joined(separator: "\n")
        }
        return self.message(text, opening: message.id)
    }

    /// Wakes conversations that wait for money: each looks for itself whether there is some.
    func tendBudgets() async {
        do {
            for wait in try await database.budgetWaits() {
                if try await database.pending(in: wait.conversation).isEmpty {
                    try await database.endBudgetWait(in: wait.conversation)
                } else {
                    wake(wait.conversation)
                }
            }
        } catch is CancellationError {
            // On the way out; the next start looks at them.
        } catch {
            complain("conversations that wait for money are not looked at", error)
        }
    }
}
