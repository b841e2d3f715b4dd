internal import Conversations
internal import Hummingbird
internal import MCP
internal import Model

/// Which folders carry outside content, and an admin's word that one does not.
struct LabelRoutes: Sendable {
    let operations: any Operations
    let limits: ConsoleLimits

    func add(to api: RouterGroup<ConsoleContext>) {
        api.get("labels", use: labels)
        api.post("labels/clear", use: clear)
    }

    @Sendable func labels(_ request: Request, context: ConsoleContext) async throws -> Response {
        let caller = try context.caller
        try caller.requireAdmin(to: "see what carries labels")
        let labels = try await operations.labels(for: caller.person.id)
        return .json(.object(["volumes": .array(labels.map(JSONValue.object))]))
    }

    @Sendable func clear(_ request: Request, context: ConsoleContext) async throws -> Response {
        let caller = try context.caller
        try caller.requireAdmin(to: "clear a label")
        try caller.requireOwnName(to: "clear a label")
        let body = try await request.json(upTo: limits.messageBytes)
        let reason = try body.text("reason")
        guard !reason.isBlank, reason.utf8.count <= 1000 else {
            throw ConsoleError(.badRequest, "reason is missing: say in 1 to 1000 bytes why the label can go.")
        }
        try await operations.clearLabels(of: try body.text("volume"), reason: reason, by: caller.person.id)
        return .json(.object(["cleared": true]))
    }
}
