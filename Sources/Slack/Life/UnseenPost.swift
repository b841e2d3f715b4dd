internal import MCP
internal import Model
internal import SlackAPI
internal import Store

/// A message that shows a turn, of which it is written down that it was about to be made: it may stand there, where the
/// process ended, or the answer was lost, between Slack's making it and our hearing of that.
struct UnseenPost {
    private let post: SlackPostRecord

    init(_ post: SlackPostRecord) { self.post = post }

    /// How long after it was asked for Slack may still make it.
    private static let patience: Duration = .seconds(120)

    func mayAppear(at now: Timestamp) -> Bool {
        post.ts == nil && now < post.created.advanced(by: Self.patience)
    }

    /// Where it stands; `nil` where it does not, or not yet.
    func find(_ slack: any SlackSending, _ database: Database) async throws -> SlackPosted? {
        if let ts = post.ts { return SlackPosted(channel: post.channel, ts: ts) }
        let place = SlackAddress(channel: post.channel, thread: post.thread.flatMap { SlackTimestamp($0) })
        let since = SlackTimestamp(post.created.advanced(by: .zero - Delivery.clockSkew))
        let us = try await slack.authTest()
        for message in try await slack.messages(in: place, after: since.text)
        where (message.botID != nil && message.botID == us.botID) || (message.user != nil && message.user == us.userID)
        {
            guard try await isIt(message, database) else { continue }
            return SlackPosted(channel: post.channel, ts: message.ts)
        }
        return nil
    }

    /// Slack takes no mark with a stream that begins. All else that the app says in a thread has one, or is a file, and is
    /// written down: what is neither is that stream, or another one that was lost like it.
    private func isIt(_ message: SlackMessage, _ database: Database) async throws -> Bool {
        switch post.kind {
        case .progress:
            return message.metadata?.eventType == TurnSigns.eventType
                && message.metadata?.payload["turn"]?.stringValue == post.subject
        case .stream:
            guard post.thread != nil, message.metadata == nil, message.ts != post.thread, message.files.isEmpty
            else { return false }
            return try await database.posts(in: post.channel, ts: message.ts).isEmpty
        default: return false
        }
    }
}
