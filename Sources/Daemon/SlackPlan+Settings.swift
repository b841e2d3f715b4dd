internal import Conversations
internal import Logging
internal import Model
internal import Settings
internal import Slack
internal import SlackAPI
internal import Store

// The settings, and Slack's calls, as the parts of Slack take them.

extension SlackInboundOptions {
    /// As the settings say.
    init(_ settings: Settings) {
        self.init()
        rules.followUps = Self.followUps(settings.slack.followUps)
        rules.names = settings.slack.names
        rules.botTurns = settings.slack.botTurns
        for (name, channel) in settings.slack.channels {
            var own = rules
            if let followUps = channel.followUps { own.followUps = Self.followUps(followUps) }
            own.keywords = channel.keywords
            channels[name] = own
        }
        catchUp = settings.slack.catchUp
        joining = Joining(settings.slack.joining)
        fileBytes = settings.uploads.fileBytes
        filesPerMessage = settings.uploads.perMessage
    }

    private static func followUps(_ setting: SlackSettings.FollowUps) -> EngagementRules.FollowUps {
        switch setting {
        case .always: .always
        case .alone: .alone
        case .never: .never
        }
    }
}

extension SlackAssistant.Calls {
    init(_ client: SlackClient) {
        self.init(
            prompts: { try await client.setSuggestedPrompts(channel: $0, thread: $1, $2) },
            title: { try await client.setTitle(channel: $0, thread: $1, $2) })
    }
}

extension SlackInboundOptions.Joining {
    init(_ setting: SlackSettings.Admission) {
        self =
            switch setting {
            case .open: .open
            case .allowlist: .allowlist
            case .ask: .ask
            }
    }
}

extension SlackFaces {
    /// Of channels that have one of their own.
    init(_ settings: SlackSettings) {
        self.init(
            channels: settings.channels.compactMapValues { channel in
                guard let face = channel.face.flatMap({ settings.faces[$0] }) else { return nil }
                let icon: SlackFace.Icon? =
                    face.icon.isEmpty ? nil : face.icon.hasPrefix(":") ? .emoji(face.icon) : .url(face.icon)
                return Face(shown: SlackFace(name: face.name, icon: icon), isPersona: face.isPersona)
            })
    }
}

extension FooterStyle {
    init(_ setting: SlackSettings.Footer) {
        self =
            switch setting {
            case .full: .full
            case .short: .short
            case .none: .none
            }
    }
}
