import Crypto
package import MCP
package import Model
import Store

package enum AuditKind: String, CaseIterable, Sendable {
    /// A decided call: it runs, or is refused.
    case intent
    /// What a call that ran came to.
    case outcome
    /// Everything else: a question to people, a session, a login, a change of the policy.
    case event
}

package enum AuditDecision: String, CaseIterable, Sendable {
    case allow, deny, ask
    /// A person allowed it, said no, or did not answer.
    case approved, refused, expired
    /// The agent named no known tool, or gave arguments that do not fit.
    case unknown, invalid
    case cancelled
}

/// What an event of the audit is about; what is `nil` has no part in it.
package struct AuditSubject: Sendable {
    package var requester: PersonID?
    package var onBehalfBy: PersonID?
    package var channel: ChannelID?
    package var conversation: ConversationID?
    package var session: SessionID?
    package var call: CallID?

    package init(
        requester: PersonID? = nil, onBehalfBy: PersonID? = nil, channel: ChannelID? = nil,
        conversation: ConversationID? = nil, session: SessionID? = nil, call: CallID? = nil
    ) {
        self.requester = requester
        self.onBehalfBy = onBehalfBy
        self.channel = channel
        self.conversation = conversation
        self.session = session
        self.call = call
    }
}

/// A row to be, before it has its place in the chain.
package struct AuditDraft: Sendable {
    var kind: AuditKind
    /// The event's name; for an outcome, how it ended.
    var event: String?
    var subject: AuditSubject
    var tool: String?
    var decision: AuditDecision?
    /// Name and line of the rule that decided.
    var rule: String?
    var policyDigest: [UInt8]?
    var duration: Duration?
    var result: CallToolResult?
    var payload: JSONObject

    package init(
        _ kind: AuditKind, event: String? = nil, subject: AuditSubject = AuditSubject(), tool: String? = nil,
        decision: AuditDecision? = nil, rule: String? = nil, policyDigest: [UInt8]? = nil, duration: Duration? = nil,
        result: CallToolResult? = nil, payload: JSONObject = [:]
    ) {
        self.kind = kind
        self.event = event
        self.subject = subject
        self.tool = tool
        self.decision = decision
        self.rule = rule
        self.policyDigest = policyDigest
        self.duration = duration
        self.result = result
        self.payload = payload
    }

    /// The row without its place. What an agent chose (a tool's name) is cut to a size that cannot hurt.
    func row(at time: Timestamp) -> (AuditRow, payload: [UInt8]?) {
        var row = AuditRow(at: time, kind: kind.rawValue)
        row.event = event?.storable.cut(to: 128)
        row.requester = subject.requester?.rawValue
        row.onBehalfBy = subject.onBehalfBy?.rawValue
        row.channel = subject.channel?.rawValue
        row.conversation = subject.conversation?.rawValue
        row.session = subject.session?.rawValue
        row.call = subject.call?.rawValue
        row.tool = tool?.storable.cut(to: 128)
        row.decision = decision?.rawValue
        row.rule = rule?.storable
        row.policy = policyDigest
        row.microseconds = duration.map {
            $0.components.seconds &* 1_000_000 &+ $0.components.attoseconds / 1_000_000_000_000
        }
        if let result {
            let bytes = result.json.serialized()
            row.resultBytes = Int64(bytes.count)
            row.resultDigest = Array(SHA256.hash(data: bytes))
        }
        guard !payload.isEmpty else { return (row, nil) }
        let bytes = payload.serialized()
        row.payloadDigest = Array(SHA256.hash(data: bytes))
        return (row, bytes)
    }
}
