internal import Conversations
internal import Hummingbird
internal import MCP
internal import Model

/// What went to one person alone, and that person's "Post here".
struct AnswerRoutes: Sendable {
    let chat: any ChatService

    func add(to api: RouterGroup<ConsoleContext>) {
        api.get("answers", use: answers)
        api.post("answers/{id}/post", use: post)
    }

    @Sendable func answers(_ request: Request, context: ConsoleContext) async throws -> Response {
        let caller = try context.caller
        try caller.requireOwnName(to: "read private answers")
        let answers = try await chat.privateAnswers(for: caller.person.id)
        return .json(.object(["answers": .array(answers.map(\.json))]))
    }

    @Sendable func post(_ request: Request, context: ConsoleContext) async throws -> Response {
        let caller = try context.caller
        // What only one person may see, only that person gives away.
        try caller.requireOwnName(to: "post a private answer")
        let receipt = try await chat.post(
            try context.identifier(of: IdentifierKind.Message.self), by: caller.person.id)
        return .json(
            .object([
                "message": .string(receipt.message.rawValue), "conversation": .string(receipt.conversation.rawValue),
            ]), status: .created)
    }
}

extension PrivateAnswer {
    var json: JSONValue {
        .object([
            "message": .string(message.rawValue), "conversation": .string(conversation.rawValue),
            "thread": .string(thread.rawValue), "channel_name": .string(channelName), "text": .string(text),
            "at": .string(at.rfc3339), "posted": .bool(isPosted),
        ])
    }
}
