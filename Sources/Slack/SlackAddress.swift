/// Where in Slack something is said: a channel, or a thread in one. Written `CHANNEL` or `CHANNEL/THREAD_TS`, which is the
/// address of a conversation's home and of what waits for delivery.
package struct SlackAddress: Hashable, Sendable, CustomStringConvertible {
    /// Slack's id of the channel, direct ones included.
    package let channel: String
    /// The time stamp of the thread's first message; nil where things are said at top level.
    package let thread: SlackTimestamp?

    package init(channel: String, thread: SlackTimestamp? = nil) {
        self.channel = channel
        self.thread = thread
    }

    /// Nil unless it is `CHANNEL` or `CHANNEL/THREAD_TS`.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let channel = parts.first, Self.isIdentifier(channel) else { return nil }
        self.channel = String(channel)
        guard parts.count == 2 else {
            thread = nil
            return
        }
        guard let thread = SlackTimestamp(String(parts[1])) else { return nil }
        self.thread = thread
    }

    package var description: String {
        guard let thread else { return channel }
        return "\(channel)/\(thread.text)"
    }

    /// Slack's ids are capital letters and digits; how many, Slack leaves open.
    package static func isIdentifier(_ text: some StringProtocol) -> Bool {
        (1...64).contains(text.utf8.count)
            && text.utf8.allSatisfy { (65...90).contains($0) || (48...57).contains($0) }
    }
}
