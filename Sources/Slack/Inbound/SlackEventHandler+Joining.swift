internal import Conversations
internal import Logging
internal import MCP
internal import Model
internal import Store

// Whether the assistant works in a channel at all.
extension SlackEventHandler {
    /// By an admin's word; without one, by the setting. What was in use before the setting asked for a word stays so until
    /// somebody refuses it.
    func isAdmitted(_ channel: SlackChannelRecord) async throws -> Bool {
        guard channel.kind != .direct else { return true }
        switch try await database.slackAdmission(.channel, channel.id)?.state {
        case .allowed: return true
        case .refused: return false
        case .asked, nil: return options.joining == .open || channel.channel != nil
        }
    }

    /// The app was invited: whoever did it hears, alone, where it does not work yet.
    func joined(_ channel: SlackChannelRecord, _ event: JSONValue) async throws {
        guard try await !isAdmitted(channel) else { return }
        let inviter = event["inviter"]?.stringValue.flatMap { SlackAddress.isIdentifier($0) ? $0 : nil }
        let sentence = try await sentence(about: channel, asker: inviter)
        guard let inviter else { return }
        do {
            try await parts.workspace.whisper(sentence, to: inviter, in: channel.id, thread: nil)
        } catch {
            parts.logger.warning("whoever invited the app could not be told", metadata: ["error": "\(error)"])
        }
    }

    /// Something was said to it where it does not work: nothing of it is kept, and one who may use it otherwise hears why.
    func turnAway(
        _ message: SlackUtterance, by author: Author, in channel: SlackChannelRecord, _ received: Timestamp
    ) async throws {
        guard case .member = author.kind, let user = author.user, try await isMentioned(in: message),
            received <= message.ts.time.advanced(by: options.catchUp)
        else { return }
        await courtesy.refuse(user.id, try await sentence(about: channel, asker: user.id), in: message)
    }

    /// Has admins asked, where the setting says so.
    private func sentence(about channel: SlackChannelRecord, asker: String?) async throws -> String {
        let isRefused = try await database.slackAdmission(.channel, channel.id)?.state == .refused
        guard options.joining == .ask, !isRefused else {
            return "I do not work in this channel until an admin allows it."
        }
        try await database.askSlackAdmission(.channel, channel.id, called: channel.name, asker: asker)
        return "I have asked the admins whether I may work in this channel, and tell you what they say."
    }
}
