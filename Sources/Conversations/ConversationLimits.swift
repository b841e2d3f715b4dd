package import Store

/// How long and how large things may be.
package struct ConversationLimits: Sendable {
    /// Bytes of one message.
    package var messageBytes = 1 << 20
    /// Bytes of one uploaded or published file.
    package var fileBytes = 64 << 20
    package var attachmentsPerMessage = 20
    /// Messages that may wait in one conversation.
    package var queuedMessages = 32
    /// From the start of a turn to its answer.
    package var turn: Duration = .seconds(30 * 60)
    /// Without a turn, after which a session's containers are given back.
    package var idle: Duration = .seconds(10 * 60)
    /// For a container to be had and its tools to answer.
    package var start: Duration = .seconds(60)
    /// Model calls of one turn. Enforced by the model gateway, as `outputTokens` is.
    package var modelCallsPerTurn = 60
    /// The most one model call may write.
    package var outputTokens = 8192
    /// The most time people have to answer a question of the gate; the policy may say less.
    package var approval: Duration = .seconds(24 * 3600)
    /// How long a session keeps its containers while people are asked. Then its turn ends, and goes on with the answer.
    package var approvalHold: Duration = .seconds(2 * 60)
    /// After which part of that time people are told again that a question waits; 0: never.
    package var approvalReminder = 0.5
    /// Bytes of a tool result people see folded in the chat.
    package var displayedResultBytes = 16 << 10
    /// Of an oversized tool result, what is kept in the session's folder.
    package var keptResultBytes = 16 << 20
    /// Of what write tools replaced, what is kept for `undo`.
    package var undo = UndoLimits()
    /// Conversations worked on at the same time; others wait in the store.
    package var conversations = 500
    /// Sessions live at the same time.
    package var sessions = 200

    package init() {}
}
