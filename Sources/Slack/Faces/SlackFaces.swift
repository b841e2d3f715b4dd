package import SlackAPI
package import Store

/// Under which name and picture the assistant speaks in which channel, as the operator says.
package struct SlackFaces: Sendable, Hashable {
    package struct Face: Sendable, Hashable {
        package var shown: SlackFace
        /// It has the name of a real person: a conversation with it begins by saying that it is not.
        package var isPersona: Bool

        package init(shown: SlackFace, isPersona: Bool) {
            self.shown = shown
            self.isPersona = isPersona
        }

        /// What stands over the first answer in a conversation; `nil` where nothing has to.
        package var disclaimer: String? {
            isPersona ? "This is an AI assistant under the name \(shown.name). It is not that person." : nil
        }
    }

    /// By the name or the id of the channel.
    package var channels: [String: Face] = [:]

    package init(channels: [String: Face] = [:]) { self.channels = channels }

    /// `nil`: the app's own. Where it cannot be known, so too.
    package func face(in channel: String, _ database: Database) async -> Face? {
        if channels.isEmpty { return nil }
        if let face = channels[channel] { return face }
        guard let name = try? await database.slackChannel(channel)?.name else { return nil }
        return channels[name]
    }
}
