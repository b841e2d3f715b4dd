/// A method of the Web API: how often it may be called, and whether calling it twice is the same as once.
package struct SlackMethod: Hashable, Sendable {
    package let name: String
    let limit: RateLimit
    /// Slack takes JSON of most methods, and forms of all.
    let takesJSON: Bool
    /// An answer that got lost may be asked for again.
    let isRepeatable: Bool
    /// Counted by channel.
    let isPost: Bool

    private init(
        _ name: String, _ limit: RateLimit, json: Bool = true, repeatable: Bool = true, isPost: Bool = false
    ) {
        self.name = name
        self.limit = limit
        takesJSON = json
        isRepeatable = repeatable
        self.isPost = isPost
    }
}

// As https://docs.slack.dev/reference/methods has them.
extension SlackMethod {
    package static let authTest = SlackMethod("auth.test", .special)
    package static let connectionsOpen = SlackMethod("apps.connections.open", .tier3)

    package static let postMessage = SlackMethod("chat.postMessage", .posts, repeatable: false, isPost: true)
    package static let postEphemeral = SlackMethod("chat.postEphemeral", .tier4, repeatable: false)
    package static let update = SlackMethod("chat.update", .tier3)
    package static let delete = SlackMethod("chat.delete", .tier3)
    package static let getPermalink = SlackMethod("chat.getPermalink", .special, json: false)
    package static let startStream = SlackMethod("chat.startStream", .tier2, repeatable: false)
    package static let appendStream = SlackMethod("chat.appendStream", .tier4, repeatable: false)
    package static let stopStream = SlackMethod("chat.stopStream", .tier2, repeatable: false)

    package static let reactionsAdd = SlackMethod("reactions.add", .tier3)
    package static let reactionsRemove = SlackMethod("reactions.remove", .tier2)

    package static let conversationsInfo = SlackMethod("conversations.info", .tier3, json: false)
    package static let conversationsList = SlackMethod("conversations.list", .tier2, json: false)
    package static let conversationsMembers = SlackMethod("conversations.members", .tier4, json: false)
    package static let conversationsHistory = SlackMethod("conversations.history", .tier3, json: false)
    package static let conversationsReplies = SlackMethod("conversations.replies", .tier3, json: false)
    package static let conversationsOpen = SlackMethod("conversations.open", .tier3)

    package static let usersInfo = SlackMethod("users.info", .tier4, json: false)
    package static let usersList = SlackMethod("users.list", .tier2, json: false)
    package static let usersLookupByEmail = SlackMethod("users.lookupByEmail", .tier3, json: false)
    package static let usersConversations = SlackMethod("users.conversations", .tier3, json: false)

    package static let assistantSetStatus = SlackMethod("assistant.threads.setStatus", .special)
    package static let assistantSetTitle = SlackMethod("assistant.threads.setTitle", .tier4)
    package static let assistantSetSuggestedPrompts = SlackMethod("assistant.threads.setSuggestedPrompts", .tier4)

    /// Its trigger works once.
    package static let viewsOpen = SlackMethod("views.open", .tier4, repeatable: false)
    package static let viewsUpdate = SlackMethod("views.update", .tier4)
    package static let viewsPublish = SlackMethod("views.publish", .tier4)

    package static let filesInfo = SlackMethod("files.info", .tier4, json: false)
    package static let filesGetUploadURL = SlackMethod("files.getUploadURLExternal", .tier4, json: false)
    package static let filesCompleteUpload = SlackMethod("files.completeUploadExternal", .tier4, repeatable: false)
    package static let filesDelete = SlackMethod("files.delete", .tier3)
}
