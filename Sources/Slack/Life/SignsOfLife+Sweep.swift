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

    /// What Slack says is not there has ended; where it cannot be asked, or may still be about to make it, the next sweep
    /// looks.
    private func end(_ post: SlackPostRecord) async {
        do {
            guard try await takeAway(post) else { return }
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

    /// False where it may appear yet.
    private func takeAway(_ post: SlackPostRecord) async throws -> Bool {
        switch post.kind {
        case .reaction:
            guard let ts = post.ts, let emoji = post.reference else { return true }
            try await tools.slack.unreact(emoji, from: SlackPosted(channel: post.channel, ts: ts))
        case .status:
            guard let thread = post.thread else { return true }
            try await tools.slack.setStatus(
                channel: post.channel, thread: thread, "", loading: [], face: nil)
        case .progress, .stream:
            guard let posted = try await UnseenPost(post).find(tools.slack, tools.database) else {
                return !UnseenPost(post).mayAppear(at: tools.time.now())
            }
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
        return true
    }
}
