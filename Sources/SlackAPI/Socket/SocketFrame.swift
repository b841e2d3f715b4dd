internal import MCP

/// What Slack says on a Socket Mode connection (https://docs.slack.dev/apis/events-api/using-socket-mode).
enum SocketFrame: Hashable, Sendable {
    case hello
    /// Why Slack wants the connection to end.
    case disconnect(reason: String)
    case envelope(SlackEnvelope)
    /// A kind that is not known: newer than this, or nonsense.
    case other(String)

    init(_ bytes: [UInt8], limit: Int) throws(JSONError) {
        let json = try JSONValue(parsing: bytes, limits: JSONLimits(maximumBytes: limit))
        let type = json["type"]?.stringValue ?? ""
        switch type {
        case "hello": self = .hello
        case "disconnect": self = .disconnect(reason: json["reason"]?.stringValue ?? "unknown")
        default:
            guard let kind = SlackEnvelope.Kind(rawValue: type), let payload = json["payload"]?.objectValue,
                let id = json["envelope_id"]?.stringValue, (1...200).contains(id.utf8.count)
            else {
                self = .other(String(type.prefix(40)))
                return
            }
            let attempt = json["retry_attempt"]?.intValue ?? 0
            let retry =
                attempt > 0
                ? SlackEnvelope.Retry(
                    attempt: Int(clamping: attempt), reason: json["retry_reason"]?.stringValue ?? "") : nil
            self = .envelope(
                SlackEnvelope(
                    kind, payload: payload, id: id, retry: retry,
                    takesAnswer: json["accepts_response_payload"]?.boolValue ?? false))
        }
    }

    /// What acknowledges an envelope. An answer goes along only where Slack takes one.
    static func acknowledgement(of envelope: SlackEnvelope, answer: JSONValue?) -> [UInt8] {
        var reply: JSONObject = ["envelope_id": .string(envelope.id ?? "")]
        if envelope.takesAnswer, let answer { reply["payload"] = answer }
        return reply.serialized()
    }
}
