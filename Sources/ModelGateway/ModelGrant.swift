internal import MCP
package import Model

/// Leave to call the model for one turn. A door whose session has none counts tokens and says hello, and nothing that
/// costs money.
package struct ModelGrant: Hashable, Sendable {
    package var turn: MessageID
    /// Calls that may still be made. Each one that is admitted counts, however it ends: a call that breaks off costs too.
    package var calls: Int
    /// The most that `max_tokens` of one call may say.
    package var outputTokens: Int
    /// Which tier its calls go to. The harness decides; nothing in a request can.
    package var tier: ModelTier
    /// What its calls are booked to beside the session.
    package var work: ModelWork

    package init(
        turn: MessageID, calls: Int, outputTokens: Int, tier: ModelTier = .balanced, work: ModelWork = ModelWork()
    ) {
        self.turn = turn
        self.calls = calls
        self.outputTokens = outputTokens
        self.tier = tier
        self.work = work
    }

    /// Takes one call off, or says why it is not granted.
    ///
    /// A larger `max_tokens` is refused and not lowered: what is sent is what the agent wrote, and other fields of the
    /// request (a thinking budget) are only valid together with the number they were written for.
    mutating func use(_ request: MessagesRequest) throws(APIError) {
        guard let asked = request.content["max_tokens"]?.intValue, asked <= outputTokens else {
            throw APIError.refused("max_tokens: at most \(outputTokens) here.")
        }
        guard calls > 0 else { throw Self.usedUp }
        calls -= 1
    }

    static let usedUp = APIError(
        429, .rateLimit, "This question has used all the model calls it may take.", shouldRetry: false)

    static let missing = APIError(
        403, .permission, "No question is open in this session, so it may not use the model: call receive first.",
        shouldRetry: false)
}

/// How often a compartment may ask for what costs nothing, or be refused: so many at once, and as many a minute.
struct RequestRate: Sendable {
    private let perMinute: Int
    private var left: Double
    private var last: Duration

    init(perMinute: Int, now: Duration) {
        self.perMinute = perMinute
        left = Double(perMinute)
        last = now
    }

    mutating func take(now: Duration) -> Bool {
        let minutes = (now - last) / .seconds(60)
        left = min(Double(perMinute), left + minutes * Double(perMinute))
        last = now
        guard left >= 1 else { return false }
        left -= 1
        return true
    }
}
