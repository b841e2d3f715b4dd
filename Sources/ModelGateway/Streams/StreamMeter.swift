internal import MCP

/// Reads a message as it streams by: what it cost, how it ended, what people may see of it.
struct StreamMeter {
    private var reported = TokenUsage()
    /// The provider has said what the answer took, and not only what the question did.
    private var hasFinalUsage = false
    /// What of the answer came so far.
    private var answerBytes = 0
    private(set) var stopReason: String?
    private(set) var hasStarted = false
    private(set) var isComplete = false
    /// The provider's own words, where it broke off with an `error` event.
    private(set) var failure: APIError?
    /// The text of this event, for the live draft.
    private(set) var text: String?

    /// What was used. Of an answer that broke off before its figures came, what did come is counted: it was made, and is
    /// billed.
    var usage: TokenUsage {
        guard hasStarted, !hasFinalUsage else { return reported }
        var usage = reported
        usage.output = max(usage.output, TokenEstimate.tokens(bytes: answerBytes))
        usage.isEstimated = true
        return usage
    }

    /// What the event means that cannot be gone on with: `nil` for everything else, unknown events included.
    mutating func read(_ event: StreamEvent) -> Nonsense? {
        text = nil
        guard !event.data.isEmpty else { return nil }
        let known = event.name.isEmpty || Self.known.contains(event.name)
        guard let data = try? JSONValue(parsing: event.data) else { return known ? Nonsense() : nil }
        switch data["type"]?.stringValue ?? event.name {
        case "message_start":
            hasStarted = true
            reported.update(from: data["message"]?["usage"])
        case "content_block_start":
            if data["content_block"]?["type"]?.stringValue == "text" {
                text = data["content_block"]?["text"]?.stringValue
            }
        case "content_block_delta":
            let delta = data["delta"]
            if delta?["type"]?.stringValue == "text_delta" { text = delta?["text"]?.stringValue }
            for name in ["text", "partial_json", "thinking"] {
                answerBytes += delta?[name]?.stringValue?.utf8.count ?? 0
            }
        case "message_delta":
            reported.update(from: data["usage"])
            hasFinalUsage = hasFinalUsage || data["usage"]?["output_tokens"] != nil
            stopReason = data["delta"]?["stop_reason"]?.stringValue ?? stopReason
        case "message_stop": isComplete = true
        case "error": failure = ProviderFailure.error(in: data, status: nil)
        default: break
        }
        return nil
    }

    /// A message that came in one piece.
    mutating func readWhole(_ message: JSONValue) {
        reported.update(from: message["usage"])
        hasFinalUsage = true
        stopReason = message["stop_reason"]?.stringValue
        isComplete = true
        let blocks = message["content"]?.arrayValue ?? []
        let texts = blocks.filter { $0["type"]?.stringValue == "text" }.compactMap { $0["text"]?.stringValue }
        text = texts.isEmpty ? nil : texts.joined()
    }

    /// An event that names itself one of the API's and is not.
    struct Nonsense: Error {}

    private static let known: Set<String> = [
        "message_start", "content_block_start", "content_block_delta", "content_block_stop", "message_delta",
        "message_stop", "error",
    ]
}
