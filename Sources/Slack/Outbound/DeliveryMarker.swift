internal import MCP
internal import Model
internal import SlackAPI

/// What a message of ours carries unseen: of which line here it is which part. By this it is found again after a crash
/// between posting it and writing that down.
struct DeliveryMarker: Hashable {
    static let eventType = "bulkhead_message"

    let message: MessageID
    /// From 0.
    let part: Int

    init(message: MessageID, part: Int) {
        self.message = message
        self.part = part
    }

    /// Nil where it carries none. Others can write such a thing too, to keep an answer from being posted: it counts only
    /// in a message that `identity` wrote.
    init?(_ seen: SlackMessage, by identity: SlackIdentity) {
        let isOurs =
            (seen.botID != nil && seen.botID == identity.botID)
            || (seen.user != nil && seen.user == identity.userID)
        guard isOurs, let metadata = seen.metadata, metadata.eventType == Self.eventType,
            let text = metadata.payload["message"]?.stringValue, let message = MessageID(text),
            let part = metadata.payload["part"]?.intValue
        else { return nil }
        self.init(message: message, part: Int(clamping: part))
    }

    var metadata: SlackMetadata {
        SlackMetadata(
            eventType: Self.eventType, payload: ["message": .string(message.rawValue), "part": .int(Int64(part))])
    }
}
