package import MCP
package import Model

/// What somebody allowed beyond one call, as people see it.
package struct GrantView: Sendable {
    package var id: GrantID
    package var scope: GrantScope
    package var tool: String
    /// `nil`: any that the same rule asks about.
    package var arguments: JSONValue?
    package var rule: String
    package var giver: String
    package var requester: String
    package var conversation: ConversationID
    /// The name of the channel it holds in, or its conversation is in.
    package var channel: String
    package var given: Timestamp
    package var expires: Timestamp
    /// Why it does not hold any more; `nil` while it does.
    package var end: String?

    package init(
        id: GrantID, scope: GrantScope, tool: String, arguments: JSONValue?, rule: String, giver: String,
        requester: String, conversation: ConversationID, channel: String, given: Timestamp, expires: Timestamp,
        end: String? = nil
    ) {
        self.id = id
        self.scope = scope
        self.tool = tool
        self.arguments = arguments
        self.rule = rule
        self.giver = giver
        self.requester = requester
        self.conversation = conversation
        self.channel = channel
        self.given = given
        self.expires = expires
        self.end = end
    }
}
