internal import Conversations
internal import Hummingbird
internal import Model
internal import NIOCore
internal import ServiceLifecycle

/// A conversation as it happens, as server-sent events.
struct EventRoutes: Sendable {
    let chat: any ChatService
    let limits: ConsoleLimits

    func add(to api: RouterGroup<ConsoleContext>) {
        api.get("conversations/{id}/events", use: events)
    }

    @Sendable func events(_ request: Request, context: ConsoleContext) async throws -> Response {
        let id = try context.identifier(of: IdentifierKind.Conversation.self)
        let caller = try context.caller
        let events = try await chat.events(
            of: id, after: try request.resumePoint(), for: caller.person.id)
        return Response(
            status: .ok,
            headers: [
                .contentType: "text/event-stream; charset=utf-8",
                // A buffering proxy would turn live text into one late lump.
                .accelBuffering: "no",
            ],
            body: .init { writer in
                // Without this a reader's departure would be noticed at the next write only.
                try await request.body.consumeWithCancellationOnInboundClose { _ in
                    try await write(events, of: id, for: caller, to: &writer, over: context.channel)
                }
                try await writer.finish(nil)
            })
    }

    private func isStillOpen(_ id: ConversationID, to caller: Caller) async throws -> Bool {
        guard try await caller.isStillAdmitted() else { return false }
        return try await chat.mayRead(id, person: caller.person.id)
    }

    /// Ends when the conversation's stream ends, the reader goes, falls too far behind or may not read it any more, or the
    /// process shuts down.
    private func write(
        _ events: AsyncStream<ConversationEvent>, of id: ConversationID, for caller: Caller,
        to writer: inout any ResponseBodyWriter, over channel: any Channel
    ) async throws {
        let (frames, feed) = AsyncStream.makeStream(
            of: ByteBuffer.self, bufferingPolicy: .bufferingOldest(limits.eventBacklog))
        feed.yield(ByteBuffer(string: ": connected\nretry: 1000\n\n"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for await event in events {
                    if case .dropped = feed.yield(event.frame(mayAnswer: caller.onBehalfBy == nil)) {
                        // The writer below waits for a reader that does not read: only the channel can end that.
                        channel.close(promise: nil)
                        break
                    }
                }
                feed.finish()
            }
            group.addTask {
                while true {
                    try await Task.sleep(for: limits.heartbeat)
                    feed.yield(ByteBuffer(string: ": still here\n\n"))
                }
            }
            group.addTask {
                repeat {
                    try await Task.sleep(for: limits.recheck)
                    // Where it cannot be said, the stream ends too: the reader's next request will tell.
                } while (try? await isStillOpen(id, to: caller)) == true
                channel.close(promise: nil)
                feed.finish()
            }
            try await withGracefulShutdownHandler {
                for await frame in frames { try await writer.write(frame) }
            } onGracefulShutdown: {
                channel.close(promise: nil)
            }
            // A polite end would wait for the reader to close its side, and one that stalls never does. Thrown, this
            // closes the connection; the reader comes back with its last entry.
            try Task.checkCancellation()
            group.cancelAll()
        }
    }
}

extension Request {
    /// The last entry the reader has. `Last-Event-ID` is what a browser that reconnects by itself sends, so it is newer
    /// than the address it was given at first.
    fileprivate func resumePoint() throws(ConsoleError) -> Int64 {
        if let last = headers[.lastEventID], let sequence = Int64(last) { return max(0, sequence) }
        return max(0, try number("after") ?? 0)
    }
}
