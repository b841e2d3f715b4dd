internal import Harness
internal import Logging
internal import MCP
package import Model
internal import Store
internal import ToolServers

// Putting back what a call replaced: a call of its own, by the person it was done for.
extension ConversationService {
    nonisolated var undoJournal: UndoJournal {
        UndoJournal(database: parts.database, limits: parts.limits, logger: parts.logger)
    }

    package func undo(
        _ call: CallID, force: Bool, by person: PersonID, onBehalfBy admin: PersonID?
    ) async throws -> UndoReceipt {
        let record = try await undoable(call, by: person)
        let conversation = record.conversation
        // As a turn of the conversation: the agent works on the same files, and a session is made by one at a time.
        guard !isStopping else { throw ChatError(.unavailable, "Bulkhead is shutting down; please try again.") }
        guard !busy.contains(conversation) else {
            throw ChatError(
                .conflict, "The assistant is working in this conversation. Undo it when that is done, or stop it first."
            )
        }
        guard busy.count < limits.conversations else {
            throw ChatError(.unavailable, "Too much is under way. Please try again in a moment.")
        }
        busy.insert(conversation)
        let result: Result<UndoReceipt, any Error>
        do {
            result = .success(try await undo(record, by: person, onBehalfBy: admin, force: force))
        } catch {
            result = .failure(error)
        }
        busy.remove(conversation)
        // What was said meanwhile; not knowing counts as yes.
        let isQuiet = try? await database.pending(in: conversation).isEmpty
        if isQuiet != true || hasMoreWaiting { wake(conversation) }
        return try result.get()
    }

    private func undo(
        _ record: UndoRecord, by person: PersonID, onBehalfBy admin: PersonID?, force: Bool
    ) async throws -> UndoReceipt {
        let live: LiveSession
        do {
            live = try await session(for: SessionKey(conversation: record.conversation, requester: record.requester))
        } catch let failure as StartFailure {
            try await database.endSession(failure.session, reason: "could not start")
            throw ChatError(.unavailable, Self.sentence(for: failure.cause))
        }
        return try await perform(record, in: live, by: person, onBehalfBy: admin, force: force)
    }

    private func undoable(_ call: CallID, by person: PersonID) async throws -> UndoRecord {
        guard let record = try await database.undoRecord(call) else { throw try await whyNot(call, person) }
        guard try await database.mayRead(conversation: record.conversation, person: person) else {
            throw ChatError(.notFound, "There is no such call.")
        }
        guard record.requester == person else {
            throw ChatError(
                .forbidden, "Only \(try await name(of: record.requester)), for whom it was done, can undo it.")
        }
        if let undo = record.undoneBy {
            throw ChatError(.conflict, "This is already undone. To do it again, undo that: \(undo).")
        }
        if let obstacle = record.obstacle {
            throw ChatError(.conflict, "\(record.tool) of \(record.path) cannot be undone: \(obstacle).")
        }
        let isLive = try await database.session(record.session)?.state == .live
        if record.volume == Volume.session(record.session).description, !isLive {
            throw ChatError(
                .conflict, "\(record.path) lay in the scratch folder of a session that is over; it is gone.")
        }
        return record
    }

    private func whyNot(_ call: CallID, _ person: PersonID) async throws -> ChatError {
        guard let done = try await database.toolCall(call), let session = try await database.session(done.session),
            try await database.mayRead(conversation: session.conversation, person: person)
        else { return ChatError(.notFound, "There is no such call.") }
        if UndoJournal.covers(done.tool) {
            return ChatError(
                .conflict,
                "There is nothing to undo of this \(done.tool): it changed nothing, or what it replaced was too large or is not kept "
                    + "any more (\(limits.undo.keep.inDays) days, and no more than a conversation's share).")
        }
        let why = done.tool == "bash" ? "what a command does is not known beforehand" : "it has no inverse"
        return ChatError(.conflict, "\(done.tool) cannot be undone: \(why).")
    }

    private func perform(
        _ record: UndoRecord, in live: LiveSession, by person: PersonID, onBehalfBy admin: PersonID?, force: Bool
    ) async throws -> UndoReceipt {
        guard
            let server = UndoServer(record, undoing: live.registry, in: live.workspace, undoJournal, force: force)
        else { throw ChatError(.conflict, "There is no tool \(record.tool) any more, so it cannot be undone.") }
        if record.volume.hasPrefix("user/"), !(await live.workspace.has(record.volume)) {
            throw ChatError(.conflict, "The file lies in your own folder, which is not open in this conversation.")
        }
        let call: CallID = parts.identifiers.make()
        let request = try await request(
            record.tool, arguments: server.arguments, as: call, of: live, onBehalfBy: admin)
        let kept = try parts.redactor.redacted(
            server.arguments, of: record.tool,
            secret: BuiltInTool.secretArguments(of: record.tool, server.tool), for: request.requester
        ).arguments
        try await database.startToolCall(
            ToolCallDraft(
                id: call, session: live.id, turn: nil, tool: record.tool, effect: server.tool.effect,
                arguments: JSONValue.object(kept).text, labels: request.labels))
        let gate = Gate(
            policy: parts.policy, audit: parts.audit,
            approver: UndoApprover(person: person, isOwnName: admin == nil), standing: parts.database,
            pauses: parts.pauses, keeper: WorkspaceKeeper(service: self), hooks: parts.hooks, redactor: parts.redactor,
            limits: parts.gateLimits.current)
        let outcome = await gate.call(request, in: try ToolRegistry(servers: [server]))
        do {
            try await database.finishToolCall(
                call, state: ToolCallRecord.State(rawValue: outcome.outcome.rawValue) ?? .failed,
                result: outcome.result.text, duration: outcome.duration)
        } catch {
            // It ran, and the audit says so.
            parts.logger.error("an undo's end is not shown", metadata: ["error": "\(error)"])
        }
        let text = outcome.result.text
        guard outcome.outcome == .done else {
            throw ChatError(outcome.outcome == .denied ? .forbidden : .conflict, text)
        }
        let who = try await name(of: admin ?? person)
        // What a private session worked on is nobody else's to read of.
        var isPrivate = try await database.soleReader(of: live.id) != nil
        if let undone = try await database.toolCall(record.call) {
            let reader = try await database.soleReader(of: undone.session)
            isPrivate = isPrivate || reader != nil
        }
        let notice = try await database.addNotice(
            conversation: record.conversation,
            text: "\(who) undid \(record.tool) (\(record.call))" + (isPrivate ? "." : ": \(text)"), session: live.id)
        await publish([notice.id])
        return UndoReceipt(call: call, text: text)
    }

    /// Once an hour: what is past its time goes.
    func trimUndo() async {
        let now = ContinuousClock.now
        guard lastUndoTrim.map({ now - $0 > .seconds(3600) }) ?? true else { return }
        lastUndoTrim = now
        do { try await database.trimUndo(limits.undo) } catch is CancellationError {
            return
        } catch {
            parts.logger.warning("what is kept for undo could not be looked through", metadata: ["error": "\(error)"])
        }
    }
}

extension Duration {
    var inDays: Int64 { components.seconds / 86_400 }
}
