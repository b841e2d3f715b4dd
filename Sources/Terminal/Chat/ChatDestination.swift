/// Where a message goes: found from what stands on the command line.
package struct ChatDestination: Sendable {
    package let channel: Channel
    /// `nil`: a new thread.
    package let conversation: Conversation?

    /// `channel` is a name (with or without `#`) or an id; without one it is the direct messages with the assistant, or
    /// the channel of `thread`.
    package static func find(channel name: String?, thread: String?, in channels: [Channel]) throws(TerminalError)
        -> ChatDestination
    {
        guard let name else {
            if let thread {
                for channel in channels {
                    if let found = channel.conversations.first(where: { $0.id == thread }) {
                        return ChatDestination(channel: channel, conversation: found)
                    }
                }
                throw unknown(thread: thread)
            }
            guard let direct = channels.first(where: \.isDirect) ?? channels.first else {
                throw TerminalError(.notFound, "The daemon offers you no channel. Ask an admin to make you a member.")
            }
            return ChatDestination(channel: direct, conversation: nil)
        }
        let wanted = name.hasPrefix("#") ? String(name.dropFirst()) : name
        guard let channel = channels.first(where: { $0.name == wanted || $0.id == wanted }) else {
            let known = channels.map { $0.isDirect ? "\($0.name) (direct messages)" : $0.name }.joined(separator: ", ")
            throw TerminalError(
                .usage,
                "There is no channel “\(wanted)” that you can read. " + (known.isEmpty ? "" : "You can read: \(known).")
            )
        }
        guard let thread else { return ChatDestination(channel: channel, conversation: nil) }
        guard let found = channel.conversations.first(where: { $0.id == thread }) else {
            throw unknown(thread: thread, in: channel)
        }
        return ChatDestination(channel: channel, conversation: found)
    }

    private static func unknown(thread: String, in channel: Channel? = nil) -> TerminalError {
        let place = channel.map { " in the channel “\($0.name)”" } ?? ""
        return TerminalError(
            .usage, "There is no thread “\(thread)”\(place) that you can read. /threads in `bulkhead chat` lists them.")
    }
}
