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
        try await parts.pauses.pause(scope, by: person, reason: reason)
        for live in sessions.values {
            let description = live.description
            let turn = await live.agent.openTurn
            let admin = if let turn { try await database.message(turn)?.onBehalfBy } else { PersonID?.none }
            if scope.covers(person: description.requester, onBehalfBy: admin, channel: description.channel) {
                await live.agent.cancelTurn(by: person)
            } else if case .tool(let tool) = scope {
                await live.agent.cancelCalls(of: tool)
            }
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
