package import Model

/// What the chat wants of the daemon. Carried out one after the other, in order.
package enum ChatRequest: Sendable, Hashable {
    package struct Submission: Sendable, Hashable {
        package var text: String
        package var channel: String
        package var conversation: String?
        package var attachments: [String]
        package var clientID: String
    }

    case submit(Submission)
    case cancel(conversation: String)
    case answer(approval: String, tool: String, allow: Bool, scope: GrantScope? = nil, reason: String? = nil)
    case upload(path: String)
    case save(attachment: String, path: String)
    case listThreads(channel: String)
    case tighten(conversation: String, Mode)
    /// `call` nil: the newest change in the conversation.
    case undo(call: String?, conversation: String, force: Bool)
}

/// What became of a request.
package enum ChatResult: Sendable {
    case sent(MessageReceipt)
    case notSent(ChatRequest.Submission, reason: String)
    /// There is nothing to tell.
    case done
    case answered(tool: String, allow: Bool, scope: GrantScope?)
    case uploaded(Attachment)
    case saved(path: String)
    case threads([Conversation])
    case tightened(Mode)
    case undone(text: String)
    case failed(String)
}
