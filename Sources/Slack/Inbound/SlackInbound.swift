internal import Logging
package import MCP
internal import Model
internal import Store

/// The way in from Slack: keeps what Slack tells, then works it off.
package struct SlackInbound: Sendable {
    /// As messages, homes and accounts name it.
    package static let surface = "slack"

    private let parts: SlackInboundParts
    private let handler: SlackEventHandler
    private let worker: SlackWorker
    private let catchUp: SlackCatchUp

    package init(_ parts: SlackInboundParts) {
        self.parts = parts
        handler = SlackEventHandler(parts)
        worker = SlackWorker(parts)
        catchUp = SlackCatchUp(parts)
    }

    /// Keeps an `event_callback`; durable when this returns, so that it may be acknowledged then, and not before. What is no
    /// business of ours is let go.
    package func accept(_ payload: JSONValue) async throws {
        guard let draft = SlackEvent.draft(payload, received: parts.clock.now()) else { return }
        if try await parts.database.acceptSlackEvents([draft]) > 0 { await worker.wake() }
    }

    /// A question about a message, by its shortcut. Throws `ChatError` with a sentence for whoever asked.
    package func ask(_ question: SlackQuestion) async throws { try await handler.ask(question) }

    /// Looks for what was said while nobody listened: to be called whenever events come again after a time without.
    package func catchUpNow() { catchUp.request() }

    /// There may be something due: the clock was changed.
    package func lookAgain() async { await worker.wake() }

    /// Works off what is kept, what an earlier process left included, until cancelled.
    package func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await worker.run() }
            group.addTask { await catchUp.run { await worker.wake() } }
            group.addTask { await catchUp.watchMembers() }
            group.addTask { await purge() }
        }
    }

    /// Longer than anybody looks back: what is forgotten cannot come again.
    private func purge() async {
        while !Task.isCancelled {
            let before = parts.clock.now().advanced(by: .zero - parts.options.current.reach * 2)
            do { try await parts.database.purgeSlackEvents(settledBefore: before) } catch {
                parts.logger.warning("old events stay", metadata: ["error": "\(error)"])
            }
            try? await Task.sleep(for: .seconds(3600))
        }
    }
}
