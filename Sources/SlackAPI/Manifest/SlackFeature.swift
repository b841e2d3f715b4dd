/// Something the assistant does in Slack, and what the app has to be granted for it. The one table from which the manifest is
/// printed and a token's scopes are checked.
package struct SlackFeature: Hashable, Sendable {
    /// What it is, for an operator's report.
    package let name: String
    package let scopes: [String]
    package let events: [String]
    /// Without it the assistant is of no use; else it does without.
    package let isRequired: Bool
    /// What people lose where a scope is missing, as a sentence.
    package let without: String

    private init(
        _ name: String, isRequired: Bool = false, scopes: [String] = [], events: [String] = [], without: String
    ) {
        self.name = name
        self.scopes = scopes
        self.events = events
        self.isRequired = isRequired
        self.without = without
    }

    package static let all = [
        SlackFeature(
            "mentions", isRequired: true, scopes: ["app_mentions:read", "chat:write"], events: ["app_mention"],
            without: "It can neither hear that it was mentioned nor answer."),
        SlackFeature(
            "direct messages", isRequired: true, scopes: ["im:history", "im:read", "im:write"], events: ["message.im"],
            without: "Nobody can write to it in private, and it can tell nobody anything in private."),
        SlackFeature(
            "channels", isRequired: true, scopes: ["channels:history", "channels:read"],
            events: [
                "message.channels", "channel_archive", "channel_unarchive", "channel_deleted", "channel_rename",
                "channel_left", "member_joined_channel", "member_left_channel",
            ],
            without:
                "In public channels it does not see what a thread is about, nor hear what is said without a mention."),
        SlackFeature(
            "people", isRequired: true, scopes: ["users:read"], events: ["user_change"],
            without: "It cannot tell colleagues from guests and strangers, and so serves nobody."),
        SlackFeature(
            "private channels", scopes: ["groups:history", "groups:read"], events: ["message.groups", "group_left"],
            without: "It does not work in private channels."),
        SlackFeature(
            "group conversations", scopes: ["mpim:history", "mpim:read"], events: ["message.mpim"],
            without: "It does not work in conversations of several people."),
        SlackFeature(
            "mail addresses", scopes: ["users:read.email"],
            without: "Nobody is recognised by mail address: each has to link their account with a code."),
        SlackFeature(
            "files", scopes: ["files:read", "files:write"],
            without: "It can neither read the files people give it nor hand files out."),
        SlackFeature(
            "reactions", scopes: ["reactions:write", "reactions:read"], events: ["reaction_added"],
            without: "It cannot show by a reaction that it has seen a message, nor be stopped by one."),
        SlackFeature(
            "agent view", scopes: ["assistant:write"],
            events: ["assistant_thread_started", "assistant_thread_context_changed"],
            without: "No status line while it works, no titles, no suggestions."),
        SlackFeature(
            "home tab", events: ["app_home_opened"], without: "Its Home tab stays empty."),
        SlackFeature(
            "commands and shortcuts", scopes: ["commands"],
            without: "/bulkhead and the shortcut on messages are missing."),
    ]

    /// Asked for only where the settings have faces.
    package static let faces = SlackFeature(
        "faces", scopes: ["chat:write.customize"], without: "It speaks under the app's own name and picture everywhere."
    )

    /// Of all features, each once, in their order.
    package static var scopes: [String] { unique(all.flatMap(\.scopes)) }
    package static var events: [String] { unique(all.flatMap(\.events)) }

    private static func unique(_ words: [String]) -> [String] {
        var seen: Set<String> = []
        return words.filter { seen.insert($0).inserted }
    }
}
