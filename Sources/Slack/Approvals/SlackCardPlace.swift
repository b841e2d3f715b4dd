package import MCP
package import Model
package import SlackText

/// What the approvals need of Slack itself. Every call throws where it is not known whether it was done, or it may work
/// later.
package protocol SlackCardPlace: Sendable {
    /// With `marker` in the message's metadata. `nil` where it will never be taken: the channel is archived, the bot not in it.
    func post(_ message: BlockMessage, at address: SlackAddress, marker: String) async throws -> SlackTimestamp?
    /// The message of ours that carries `marker` there, posted after `time`, where there is one.
    func find(marker: String, at address: SlackAddress, since time: Timestamp) async throws -> SlackTimestamp?
    /// False where the message or its channel is gone for good.
    func update(_ message: BlockMessage, in channel: String, ts: SlackTimestamp) async throws -> Bool
    /// The direct channel with a Slack user; `nil` where there can be none.
    func direct(to user: String) async throws -> String?
    /// A sentence that only `user` sees: where they are, or in their direct channel where `address` is `nil`.
    func tell(_ sentence: String, user: String, at address: SlackAddress?) async throws
    /// Opens a modal with the trigger of a click, which is good for three seconds.
    func open(_ view: JSONValue, trigger: String) async throws
}
