package import Harness
package import Model
internal import Store

// The operator's brake.
extension ConversationService {
    /// What is paused; for admins.
    package func pauses(for person: PersonID) async throws -> [Pause] {
        try await requireAdmin(person)
        return parts.pauses.current
    }

    /// Stops what `scope` covers, at once and until `resume`: its turns end with a sentence, its calls do not run, and what
    /// people write meanwhile is kept and answered afterwards.
    package func pause(_ scope: PauseScope, reason: String, by person: PersonID) async throws {
        try await requireAdmin(person)
        do {
            try await parts.pauses.pause(scope, by: person, reason: reason)
        } catch let error as StoreError where error.code == .invalid {
            throw error
        } catch {
            // What runs is stopped even where the brake could not be recorded: whoever pulled it meant now.
            await stop(scope, by: person)
            throw error
        }
        await stop(scope, by: person)
    }

    private func stop(_ scope: PauseScope, by person: PersonID) async {
        // First, and in one go: turns end one after the other.
        await parts.egress?.reconsider()
        for live in Array(sessions.values) {
            if await covers(scope, live) {
                await live.agent.cancelTurn(by: person)
            } else if case .tool(let tool) = scope {
                await live.agent.cancelCalls(of: tool)
            }
        }
    }

    /// Where it cannot be told whether the turn is that of the person paused, it is taken for it.
    private func covers(_ scope: PauseScope, _ live: LiveSession) async -> Bool {
        let description = live.description
        guard let turn = await live.agent.openTurn else { return false }
        do {
            let admin = try await database.message(turn)?.onBehalfBy
            return scope.covers(person: description.requester, onBehalfBy: admin, channel: description.channel)
        } catch {
            if case .person = scope { return true }
            return scope.covers(person: description.requester, onBehalfBy: nil, channel: description.channel)
        }
    }

    /// False where `scope` was not paused.
    package func resume(_ scope: PauseScope, by person: PersonID) async throws -> Bool {
        try await requireAdmin(person)
        guard scope != .person(person) else {
            throw ChatError(.forbidden, "Somebody else has to let go on what was stopped for you.")
        }
        let wasPaused = try await parts.pauses.resume(scope, by: person)
        for conversation in try await database.conversationsWithPending() { wake(conversation) }
        return wasPaused
    }

    /// Whether the next question of a conversation has to wait; says so in it.
    func waitsForResume(_ message: MessageRecord) async throws -> Bool {
        guard let author = message.author, let conversation = try await database.conversation(message.conversation),
            let pause = parts.pauses.pause(
                person: author, onBehalfBy: message.onBehalfBy, channel: conversation.channel)
        else { return false }
        // Said as long as it lasts: nothing follows it until somebody lets go.
        hub.publish(
            .state("Bulkhead is \(pause.inWords). Your message is kept, and answered afterwards."), in: conversation.id)
        return true
    }

    private func requireAdmin(_ person: PersonID) async throws {
        let role = try await database.person(person)?.role
        guard role == .owner || role == .admin else {
            throw ChatError(.forbidden, "Only an admin can pause and resume.")
        }
    }
}
