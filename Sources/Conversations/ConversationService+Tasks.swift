internal import Audit
internal import Harness
internal import LeakScan
internal import Logging
internal import MCP
package import Model
internal import Policy
package import Store
internal import ToolServers

// What the scheduler needs of conversations: turns that nobody's words opened, and scripts that say whether one is needed.
extension ConversationService {
    static var taskSurface: String { MessageRecord.taskSurface }

    /// Whether work nobody waits for may begin: a quarter of all sessions is kept for people.
    package var hasRoomForTasks: Bool {
        !isStopping && sessions.count < max(1, limits.sessions * 3 / 4)
            && busy.count < max(1, limits.conversations * 3 / 4)
    }

    /// What stops work for `person` in `channel`, in words; `nil`: nothing does.
    package func obstacle(to person: PersonID, in channel: ChannelID) -> String? {
        parts.pauses.pause(person: person, onBehalfBy: nil, channel: channel).map { "Bulkhead is \($0.inWords)" }
    }

    /// The words of a task's run, as any message's, past the operator's hooks. Throws a sentence where they withhold them.
    package func screened(task text: String, of owner: PersonID, in channel: ChannelID) async throws -> String {
        try await screened(
            InboundMessage(
                channel: channel, author: owner, text: text, surface: Self.taskSurface, clientID: "-")
        ).text
    }

    /// A message that the store accepted in a transaction of its own.
    package func takeUp(_ message: MessageRecord) async {
        await publish([message.id])
        wake(message.conversation)
    }

    /// Ends the turn that `message` opened, or one that an answer to a question of it did. `reason` stands where the answer
    /// would; what waits for people is withdrawn.
    package func endTurn(of message: MessageID, in conversation: ConversationID, reason: String) async {
        do {
            if try await database.cancelPending(message) { return }
            for live in Array(sessions.values) where live.description.conversation == conversation {
                guard let turn = await live.agent.openTurn else { continue }
                let opening = try await database.taskRun(ofTurn: turn)?.message
                if turn == message || opening == message { await end(live, reason: reason) }
            }
            guard let owner = try await database.message(message)?.author else { return }
            try await withdrawSuspended(in: conversation, of: owner)
        } catch {
            parts.logger.error("a task's turn could not be ended", metadata: ["error": "\(error)"])
        }
    }

    /// A line to one person, in a conversation of its own that nobody else reads.
    package func tell(_ person: PersonID, title: String, text: String) async throws {
        guard let notice = try await database.addNotice(to: person, title: title, text: text) else { return }
        await publish([notice.id])
    }

    /// Runs a script in a sandbox of `owner`'s, through the gate and for nobody who could be asked, and returns what it
    /// printed: at most `limit` bytes, within `time`. Throws a sentence where it was not allowed or failed.
    package func check(
        _ script: String, for owner: PersonID, in conversation: ConversationID, task: TaskRecord, time: Duration,
        limit: Int
    ) async throws -> String {
        guard !isStopping else { throw CancellationError() }
        guard !busy.contains(conversation) else {
            throw ChatError(.conflict, "an earlier check has not ended yet")
        }
        busy.insert(conversation)
        defer { busy.remove(conversation) }
        let live: LiveSession
        do {
            live = try await session(for: SessionKey(conversation: conversation, requester: owner))
        } catch let failure as StartFailure {
            try await database.endSession(failure.session, reason: "could not start")
            throw ChatError(.unavailable, Self.sentence(for: failure.cause))
        }
        do {
            let output = try await run(script, in: live, task: task, time: time, limit: limit)
            await end(live, reason: "the check is over")
            return output
        } catch {
            await end(live, reason: "the check is over")
            throw error
        }
    }

    private func run(
        _ script: String, in live: LiveSession, task: TaskRecord, time: Duration, limit: Int
    ) async throws -> String {
        let place = "/workspace/session/check.out"
        let arguments: JSONObject = [
            "command": .string("exec >\(place)\n\(script)"),
            "timeout_seconds": .int(max(1, time.components.seconds)),
        ]
        let call: CallID = parts.identifiers.make()
        var request = try await request("bash", arguments: arguments, as: call, of: live, onBehalfBy: nil)
        request.task = TaskStanding(task: task.id, digest: task.content.digest, ceiling: task.role)
        let gate = Gate(
            policy: parts.policy, audit: parts.audit, approver: NobodyToAsk(), standing: parts.database,
            pauses: parts.pauses, keeper: WorkspaceKeeper(service: self), hooks: parts.hooks, redactor: parts.redactor,
            leaks: parts.leaks, limits: parts.gateLimits.current)
        let outcome = await gate.call(request, in: live.registry)
        guard outcome.outcome == .done else { throw ChatError(.forbidden, outcome.result.text.cut(to: 400)) }
        guard outcome.result.text.contains("[exit status 0,") else {
            throw ChatError(.invalid, "it ended with an error: \(outcome.result.text.cut(to: 400))")
        }
        let bytes = try await live.workspace.get(place)
        guard bytes.count <= limit else {
            throw ChatError(.tooLarge, "it printed \(bytes.count) bytes; at most \(limit) are taken")
        }
        // What a script printed is read by an agent and kept.
        let screened = parts.leaks.leaks.findings(
            in: bytes, of: LeakSubject(session: live.id, requester: live.description.requester))
        guard screened.isEmpty else { throw ChatError(.forbidden, "it printed a live secret, which is not kept") }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Where a question would be asked of people and nobody is there to hear it.
private struct NobodyToAsk: Approver {
    struct Unattended: Error, CustomStringConvertible {
        let description = "a check runs by itself, and asks nobody"
    }

    func ask(_ request: ApprovalRequest) async throws -> ApprovalAnswer { throw Unattended() }
}
