package import MCP
package import Model
package import Policy
package import Store

/// A question to people about one exact call.
package struct ApprovalRequest: Sendable {
    package let call: CallID
    package let session: SessionID
    package let conversation: ConversationID
    package let channel: ChannelID
    package let requester: PersonID
    package let tool: String
    package let effect: Effect
    package let arguments: JSONObject
    /// SHA-256 of the canonical arguments, in hexadecimal: an answer is good for these alone.
    package let argumentsDigest: String
    package let policyDigest: String
    package let rule: Rule
    package let reason: String
    package let approvers: Approvers
    package let expires: Duration
    /// What the session has touched.
    package var labels: Labels = []
    /// What a yes may mean beyond the call.
    package var offer: GrantOffer?
}

package enum ApprovalAnswer: Hashable, Sendable {
    case allowed(by: PersonID)
    case denied(by: PersonID, reason: String? = nil)
    case expired
}

/// Asks people. Ends when one has answered, at `expires`, or when its task is cancelled (the question is then void). The
/// gate bounds the wait itself, and checks again who answered.
package protocol Approver: Sendable {
    func ask(_ request: ApprovalRequest) async throws -> ApprovalAnswer
}

/// What has become of a session while people were asked.
package struct SessionStanding: Hashable, Sendable {
    package var isLive: Bool
    package var mode: Mode
    package var labels: Labels

    package init(isLive: Bool, mode: Mode, labels: Labels) {
        self.isLive = isLive
        self.mode = mode
        self.labels = labels
    }
}

/// The stored truth about sessions and people.
package protocol Standing: Sendable {
    func standing(of session: SessionID) async throws -> SessionStanding?
    /// `nil` for whoever may not use Bulkhead (any more).
    func role(of person: PersonID) async throws -> Role?
    /// Whether `person` wrote in the name of `requester` there: such a one is no second person.
    func hasSpoken(
        _ person: PersonID, for requester: PersonID, in conversation: ConversationID
    ) async throws -> Bool
    /// Those in force that could speak for a call of `tool` there.
    func grants(
        for requester: PersonID, tool: String, in conversation: ConversationID
    ) async throws -> [GrantRecord]
    /// Durable before it returns.
    func label(_ session: SessionID, adding labels: Labels) async throws -> Labels
}

/// Keeps what is too long for the agent's context.
package protocol OversizeKeeper: Sendable {
    /// Where the agent (and people) can read the whole.
    func keep(_ text: String, call: CallRequest) async throws -> String
}
