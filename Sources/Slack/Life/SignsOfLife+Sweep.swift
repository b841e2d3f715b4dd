internal import Logging
internal import MCP
internal import Model
internal import SlackAPI
internal import Store

// What shows that something is under way goes when nothing is any more: at the end of each turn, every minute, and at the
// start for what an earlier process left. All of it can be done twice.
extension SignsOfLife {
    /// One at a time: many turns may end at once, and Slack counts the calls.
    func sweep(evenOfOpenTurns: Bool = false) async {
        guard !isSweeping else { return hasMoreToSweep = true }
        isSweeping = true
        defer { isSweeping = false }
        repeat {
            hasMoreToSweep = false
            do {
                let posts =
                    try await tools.database.endedReactions()
                    + tools.database.strayLife(evenOfOpenTurns: evenOfOpenTurns)
                for post in posts {
                    guard !Task.isCancelled else { return }
                    await end(post)
                }
            } catch {
                tools.logger.warning("signs of life could not be looked through", metadata: ["error": "\(error)"])
            }
        } while hasMoreToSweep
    }

    /// What Slack says is not there has ended; where it cannot be asked, the next sweep does.
    private func end(_ post: SlackPostRecord) async {
        do {
            try await takeAway(post)
        } catch let error as SlackError where error.kind == .permanent || error.kind == .notThere {
            tools.logger.debug("a sign of life was gone", metadata: ["error": "\(error)"])
        } catch {
            return tools.logger.debug("a sign of life is left for later", metadata: ["error": "\(error)"])
        }
        do {
            try await tools.database.changePost(post.id, to: .ended)
        } catch {
            tools.logger.warning("a sign of life could not be written off", metadata: ["error": "\(error)"])
        }
    }

    private func takeAway(_ post: SlackPostRecord) async throws {
        switch post.kind {
        case .reaction:
            guard let ts = post.ts, let emoji = post.reference else { return }
            try await tools.slack.unreact(emoji, from: SlackPosted(channel: post.channel, ts: ts))
        case .status:
            guard let thread = post.thread else { return }
            try await tools.slack.setStatus(
                channel: post.channel, thread: thread, "", loading: [], face: nil)
        case .progress, .stream:
            guard let posted = try await find(post) else { return }
            if post.kind == .stream {
                do {
                    try await tools.slack.stopStream(posted, markdown: "", blocks: nil, metadata: nil)
                } catch let error as SlackError where error.kind == .permanent || error.kind == .notThere {
                    // It has been stopped; deleted it is all the same.
                }
            }
            try await tools.slack.delete(posted)
        case .message, .file, .card, .admission:
            break
        }
    }

    /// A message that was about to be posted when the process ended may be there. A stream carries nothing by which it
    /// could be told: Slack ends such a one by itself.
    private func find(_ post: SlackPostRecord) async throws -> SlackPosted? {
        if let ts = post.ts { return SlackPosted(channel: post.channel, ts: ts) }
        guard post.kind == .progress else { return nil }
        let place = SlackAddress(channel: post.channel, thread: post.thread.flatMap { SlackTimestamp($0) })
        let since = SlackTimestamp(post.created.advanced(by: .zero - Delivery.clockSkew))
        let identity = try await tools.slack.authTest()
        let found = try await tools.slack.messages(in: place, after: since.text).first { message in
            (message.botID == identity.botID || message.user == identity.userID)
                && message.metadata?.eventType == TurnSigns.eventType
                && message.metadata?.payload["turn"]?.stringValue == post.subject
        }
        return found.map { SlackPosted(channel: post.channel, ts: $0.ts) }
    }
}
