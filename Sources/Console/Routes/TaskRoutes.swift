internal import Conversations
internal import Hummingbird
internal import MCP
internal import Model

/// Work that begins by itself.
struct TaskRoutes: Sendable {
    let tasks: any TaskOperations
    let limits: ConsoleLimits

    static let webhookPath = "webhooks/tasks"

    func add(to api: RouterGroup<ConsoleContext>) {
        api.get("tasks", use: list)
        api.post("tasks", use: create)
        api.post("tasks/preview", use: preview)
        api.get("tasks/{id}", use: show)
        api.post("tasks/{id}", use: update)
        api.post("tasks/{id}/webhook", use: webhook)
        for action in TaskAction.allCases {
            api.post("tasks/{id}/\(action.rawValue)") { try await perform(action, $0, context: $1) }
        }
    }

    /// What answers whoever has a task's key, and nobody else.
    func addWebhooks(to router: Router<ConsoleContext>) {
        router.post("\(Self.webhookPath)/{id}", use: called)
    }

    @Sendable func list(_ request: Request, context: ConsoleContext) async throws -> Response {
        let list = try await tasks.tasks(
            all: request.query("all") == "true", ended: request.query("ended") == "true",
            for: context.caller.person.id)
        return .json(.object(["tasks": .array(list.map(JSONValue.object))]))
    }

    @Sendable func show(_ request: Request, context: ConsoleContext) async throws -> Response {
        .json(.object(try await tasks.task(try name(context), for: context.caller.person.id)))
    }

    @Sendable func create(_ request: Request, context: ConsoleContext) async throws -> Response {
        let caller = try context.caller
        try caller.requireOwnName(to: "make a task")
        let body = try await request.json(upTo: limits.messageBytes)
        return .json(.object(try await tasks.create(body, by: caller.person.id)), status: .created)
    }

    @Sendable func preview(_ request: Request, context: ConsoleContext) async throws -> Response {
        let body = try await request.json(upTo: limits.messageBytes)
        return .json(.object(try await tasks.preview(body, by: context.caller.person.id)))
    }

    @Sendable func update(_ request: Request, context: ConsoleContext) async throws -> Response {
        let caller = try context.caller
        try caller.requireOwnName(to: "change a task")
        let body = try await request.json(upTo: limits.messageBytes)
        return .json(.object(try await tasks.update(try name(context), body, by: caller.person.id)))
    }

    private func perform(
        _ action: TaskAction, _ request: Request, context: ConsoleContext
    ) async throws -> Response {
        let caller = try context.caller
        try caller.requireOwnName(to: "\(action.rawValue) a task")
        let body = try await request.json(upTo: limits.messageBytes)
        return .json(
            .object(
                try await tasks.perform(
                    action, try name(context), reason: body["reason"]?.stringValue ?? "", by: caller.person.id)))
    }

    @Sendable func webhook(_ request: Request, context: ConsoleContext) async throws -> Response {
        let caller = try context.caller
        try caller.requireOwnName(to: "see a task's key")
        let body = try await request.json(upTo: limits.messageBytes)
        return .json(
            .object(
                try await tasks.webhook(
                    try name(context), renewed: body["renew"]?.boolValue ?? false, by: caller.person.id)))
    }

    @Sendable func called(_ request: Request, context: ConsoleContext) async throws -> Response {
        let body = try await request.bytes(upTo: 64 << 10, tooLarge: "A call has 64 KiB at most.")
        guard let timestamp = request.header("X-Bulkhead-Timestamp"),
            let signature = request.header("X-Bulkhead-Signature")
        else { throw ConsoleError(.forbidden, "The call is not signed.") }
        let isNew = try await tasks.called(
            try context.identifier(of: IdentifierKind.Task.self), body: body, timestamp: timestamp,
            signature: signature)
        return .json(.object(["accepted": .bool(isNew)]), status: .accepted)
    }

    private func name(_ context: ConsoleContext) throws(ConsoleError) -> String {
        guard let text = context.parameters.get("id"), !text.isEmpty else {
            throw ConsoleError(.notFound, "There is no such task.")
        }
        return text
    }
}
