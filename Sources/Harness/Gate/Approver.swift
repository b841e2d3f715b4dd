package import MCP
package import Model
package import Policy
package import Store
package import ToolServers

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
    /// What the call would work on: an answer is good for this alone.
    package var evidence: Evidence
    /// What the session has touched.
    package var labels: Labels
    /// What a yes may mean beyond the call; `nil`: nothing, and no grant answers it. Whoever asks for another reason than
    /// the policy's rule takes it away.
    package var offer: GrantOffer?

    package init(
        call: CallID, session: SessionID, conversation: ConversationID, channel: ChannelID, requester: PersonID,
        tool: String, effect: Effect, arguments: JSONObject, argumentsDigest: String, policyDigest: String, rule: Rule,
        reason: String, approvers: Approvers, expires: Duration, evidence: Evidence = Evidence(), labels: Labels = [],
        offer: GrantOffer? = nil
    ) {
        self.call = call
        self.session = session
        self.conversation = conversation
        self.channel = channel
        self.requester = requester
        self.tool = tool
        self.effect = effect
        self.arguments = arguments
        self.argumentsDigest = argumentsDigest
        self.policyDigest = policyDigest
        self.rule = rule
        self.reason = reason
        self.approvers = approvers
        self.expires = expires
        self.evidence = evidence
        self.labels = labels
        self.offer = offer
    }
}

package enum ApprovalAnswer: Hashable, Sendable {
    case allowed(by: PersonID)
    case denied(by: PersonID, reason: String? = nil)
    case expired
    /// Nobody waits here any more: the question stays open, and its answer comes back as an `AnsweredQuestion`.
    case suspended(ApprovalID)
}

/// A question that was answered after the call that asked had let go of it. Only the harness makes one, out of its store.
package struct AnsweredQuestion: Sendable {
    package let approval: ApprovalID
    package let request: ApprovalRequest
    package let answer: ApprovalAnswer

    package init(approval: ApprovalID, request: ApprovalRequest, answer: ApprovalAnswer) {
        self.approval = approval
        self.request = request
        self.answer = answer
    }
}

/// Asks people. Ends when one has answered, at `expires`, or when its task is cancelled (the question is then void). The
/// gate bounds the wait itself, and checks again who answered.
package protocol Approver: Sendable {
    func ask(_ request: ApprovalRequest) async throws -> ApprovalAnswer
    /// Uses up the answer that came back, durably: true once for each approval.
    func take(_ approval: ApprovalID) async throws -> Bool
}

extension Approver {
    /// Of one that keeps no questions none comes back.
    package func take(_ approval: ApprovalID) async throws -> Bool { false }
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
    /// Whoever answers what is asked for `requester` there, as known now; `nil` for whoever may not use Bulkhead.
    func answerer(
        _ person: PersonID, for requester: PersonID, in conversation: ConversationID
    ) async throws -> Answerer?
    /// Those in force that could speak for a call of `tool` there.
    func grants(
        for requester: PersonID, tool: String, in conversation: ConversationID
    ) async throws -> [GrantRecord]
    /// What was allowed a task beforehand, as it is now.
    func permits(of task: TaskID) async throws -> [TaskPermitRecord]
    /// Durable before it returns.
    func label(_ session: SessionID, adding labels: Labels) async throws -> Labels
    /// What `person` wrote there in their own hand; files and what others wrote in their name are not among it.
    func ownWords(of person: PersonID, in conversation: ConversationID) async throws -> [String]
    /// Where the session first met a text, in words; `nil` where that is not known.
    func firstSight(of text: String, in session: SessionID) async throws -> String?
}

/// Keeps what is too long for the agent's context.
package protocol OversizeKeeper: Sendable {
    /// Where the agent (and people) can read the whole.
    func keep(_ text: String, call: CallRequest) async throws -> String
}
