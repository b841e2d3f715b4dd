internal import Conversations
internal import Hummingbird
package import MCP
package import Model
internal import NIOCore
internal import ServiceLifecycle

/// Tries the walls. Who may is decided here; that it was is on record.
package protocol DrillRunner: Sendable {
    /// Objects with `id`, `group`, `title`.
    var trials: [JSONObject] { get }
    /// `tell` is given objects with one member, in order: `began` (`group`, `attempts`), `attempt`, and last `report`. Throws
    /// `ChatError` for a group that is none, and where a drill is running already. Cancelled, it leaves nothing behind.
    func run(_ groups: [String], by person: PersonID, tell: @escaping @Sendable (JSONObject) async -> Void) async throws
}

/// A drill as it goes, a line of JSON for each step.
struct DrillRoutes: Sendable {
    let drill: any DrillRunner
    let limits: ConsoleLimits

    func add(to api: RouterGroup<ConsoleContext>) {
        api.get("drill", use: list)
        api.post("drill", use: run)
    }

    @Sendable func list(_ request: Request, context: ConsoleContext) async throws -> Response {
        try context.caller.requireAdmin(to: "see what a drill tries")
        return .json(.object(["attempts": .array(drill.trials.map(JSONValue.object))]))
    }

    /// What there is to say is in the address: the body is watched for the reader's departure, which ends the drill.
    @Sendable func run(_ request: Request, context: ConsoleContext) async throws -> Response {
        let caller = try context.caller
        try caller.requireAdmin(to: "run a drill")
        try caller.requireOwnName(to: "run a drill")
        let groups = (request.query("only") ?? "").split(separator: ",").map(String.init)
        let (person, channel) = (caller.person.id, context.channel)
        return Response(
            status: .ok, headers: [.contentType: "application/x-ndjson", .accelBuffering: "no"],
            body: .init { writer in
                try await request.body.consumeWithCancellationOnInboundClose { _ in
                    try await write(groups, by: person, to: &writer, over: channel)
                }
                try await writer.finish(nil)
            })
    }

    private func write(
        _ groups: [String], by person: PersonID, to writer: inout any ResponseBodyWriter, over channel: any Channel
    ) async throws {
        // More than there are attempts.
        let (lines, feed) = AsyncStream.makeStream(of: ByteBuffer.self, bufferingPolicy: .bufferingOldest(4096))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                do {
                    try await drill.run(groups, by: person) { feed.yield(Self.line($0)) }
                } catch {
                    let error = ConsoleError(reporting: error)
                    feed.yield(
                        Self.line([
                            "error": ["code": .string(error.code.rawValue), "message": .string(error.message)]
                        ]))
                }
                feed.finish()
            }
            group.addTask {
                // A group takes its time, and a reader gives up on silence.
                while true {
                    try await Task.sleep(for: limits.heartbeat)
                    feed.yield(ByteBuffer(string: "\n"))
                }
            }
            try await withGracefulShutdownHandler {
                for await line in lines { try await writer.write(line) }
            } onGracefulShutdown: {
                channel.close(promise: nil)
            }
            try Task.checkCancellation()
            group.cancelAll()
        }
    }

    private static func line(_ object: JSONObject) -> ByteBuffer {
        ByteBuffer(bytes: JSONValue.object(object).serialized() + [0x0A])
    }
}
