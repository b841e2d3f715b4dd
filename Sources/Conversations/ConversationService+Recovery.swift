internal import Harness
internal import MCP
internal import Model
internal import Store

// What an earlier process left behind when it ended in the middle of things.
extension ConversationService {
    /// Sessions are ended, and each turn that was under way is asked again, told of, or suspended: asked again where it had
    /// done nothing yet, told of where it had, because doing it twice may do harm, suspended where it waits for people.
    ///
    /// Before anybody is let in: it takes every session in the store for an earlier process's.
    package func recover() async throws {
        hasRecovered = true
        try await database.endAllSessions(reason: "Bulkhead was restarted")
        _ = try await database.cancelOpenToolCalls(session: nil)
        try await database.unbindVolumes(of: nil)
        for unfinished in try await database.unfinishedTurns() {
            var hasActed = try await database.hasActed(turn: unfinished.turn)
            if hasActed, try await hasOnlyLookedAtAnswer(unfinished.turn) { hasActed = false }
            let attempts = unfinished.messages.map(\.attempts).max() ?? 0
            let isExternal = unfinished.messages.contains { $0.surface == Self.externalSurface }
            let questions = try await database.suspendQuestions(of: unfinished.session)
            if !questions.isEmpty {
                try await suspend(
                    unfinished.turn, over: questions, in: unfinished.conversation,
                    because: try await cutOffSentence(unfinished.turn))
                hub.publish(.done, in: unfinished.conversation)
            } else if !isExternal, !hasActed, attempts < Self.maximumAttempts {
                try await database.returnToInbox(turn: unfinished.turn)
            } else {
                try await finish(
                    unfinished.turn, kind: .notice,
                    text: try await resumedSentence(unfinished.turn)
                        ?? "I was restarted in the middle of this, after some steps had been taken (they are listed "
                        + "here). I did not repeat them by myself: tell me to go on, or ask again.",
                    in: unfinished.conversation)
                hub.publish(.done, in: unfinished.conversation)
            }
        }
        for conversation in try await database.conversationsWithPending() { wake(conversation) }
    }
}
