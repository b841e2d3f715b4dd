internal import Conversations
internal import Hummingbird
internal import MCP
internal import Model

/// Records what an admin does in the name of somebody else, before it is done: whatever changes something, and the
/// opening of a conversation or a file. Stands behind the door and before every route, so that none can be forgotten.
struct OnBehalfRecord: RouterMiddleware {
    let recorder: any ConsoleRecorder

    func handle(
        _ request: Request, context: ConsoleContext, next: (Request, ConsoleContext) async throws -> Response
    ) async throws -> Response {
        let caller = try context.caller
        if let admin = caller.onBehalfBy, Self.isWorthRecording(request, context.endpointPath) {
            try await recorder.record(
                ConsoleEvent(
                    .onBehalf, person: caller.person.id, admin: admin.id, conversation: Self.conversation(context),
                    details: [
                        "request": .string("\(request.method) \(request.uri.path.prefix(200))"),
                        "surface": .string(caller.surface),
                    ]))
        }
        return try await next(request, context)
    }

    /// By the route that was matched, not by how the address was written. Lists and the page's own look-ups are not.
    private static func isWorthRecording(_ request: Request, _ route: String?) -> Bool {
        // A sign-out is recorded as such.
        if request.method != .get && request.method != .head { return route != "/api/logout" }
        return route?.contains("{id}") ?? true
    }

    /// The one in the address.
    private static func conversation(_ context: ConsoleContext) -> ConversationID? {
        guard context.endpointPath?.hasPrefix("/api/conversations/{id}") == true else { return nil }
        return context.parameters.get("id").flatMap { ConversationID($0) }
    }
}
