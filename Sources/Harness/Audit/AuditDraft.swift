import Crypto
import MCP
package import Model
import Policy
import Store
import ToolServers

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

    init(_ request: CallRequest) {
        self.init(
            requester: request.requester, onBehalfBy: request.onBehalfBy, channel: request.channel,
            conversation: request.conversation, session: request.session, call: request.id)
    }
}

/// A row to be, before it has its place in the chain.
struct AuditDraft: Sendable {
    var kind: AuditKind
    /// The event's name; for an outcome, how it ended.
    var event: String?
    var subject: AuditSubject
    var tool: String?
    var decision: AuditDecision?
    var rule: Rule?
    var policyDigest: [UInt8]?
    var duration: Duration?
    var result: CallToolResult?
    var payload: JSONObject

    static func intent(_ request: CallRequest, _ tool: RegisteredTool, _ permit: Permit) -> AuditDraft {
        var payload = arguments(of: request)
        payload["decidedOn"] = .object(circumstances(of: request, tool))
        payload["approvedBy"] = permit.approvedBy.map { .string($0.rawValue) }
        payload["grant"] = permit.grant.map { .string($0.rawValue) }
        return AuditDraft(
            kind: .intent, subject: AuditSubject(request), tool: request.tool, decision: permit.decision,
            rule: permit.rule, policyDigest: permit.policyDigest, payload: payload)
    }

    /// `tool` nil: there is none of that name.
    static func refusal(
        _ request: CallRequest, _ tool: RegisteredTool?, _ refusal: Refusal, policyDigest: [UInt8]
    ) -> AuditDraft {
        var payload = arguments(of: request)
        payload["decidedOn"] = .object(circumstances(of: request, tool))
        payload["error"] = .string(refusal.message.cut(to: 4096))
        payload["refusedBy"] = refusal.by.map { .string($0.rawValue) }
        return AuditDraft(
            kind: .intent, subject: AuditSubject(request), tool: request.tool, decision: refusal.decision,
            rule: refusal.rule, policyDigest: policyDigest, payload: payload)
    }

    static func question(_ request: CallRequest, _ ask: ApprovalRequest, policyDigest: [UInt8]) -> AuditDraft {
        var payload = arguments(of: request)
        payload["reason"] = .string(ask.reason)
        payload["approvers"] = .string(ask.approvers.rawValue)
        return AuditDraft(
            kind: .event, event: "approval.asked", subject: AuditSubject(request), tool: request.tool, decision: .ask,
            rule: ask.rule, policyDigest: policyDigest, payload: payload)
    }

    static func outcome(_ request: CallRequest, _ run: Run) -> AuditDraft {
        var payload: JSONObject = [:]
        payload["error"] = run.error.map { .string($0.cut(to: 4096)) }
        return AuditDraft(
            kind: .outcome, event: run.outcome.rawValue, subject: AuditSubject(request), tool: request.tool,
            duration: run.duration, result: run.result, payload: payload)
    }

    /// What of the call beside its columns a policy decides on: with it a candidate policy can be tried on the past.
    /// Effects are the tool's own word, before what the policy says of it.
    private static func circumstances(of request: CallRequest, _ tool: RegisteredTool?) -> JSONObject {
        var facts: JSONObject = [
            "mode": .string(request.mode.rawValue), "role": .string(request.role.rawValue),
            "labels": .array(request.labels.names.map { .string($0) }),
            "direct": .bool(request.audience == .requesterOnly),
        ]
        facts["effect"] = tool.map { .string($0.effect.rawValue) }
        facts["runsCommands"] = tool.map { .bool($0.runsCommands) }
        return facts
    }

    static let argumentBytes = 64 << 10

    /// Whole where they are of a size people read; else their beginning, and the digest of the whole as proof: an agent
    /// must not fill the disk with what it says.
    private static func arguments(of request: CallRequest) -> JSONObject {
        let canonical = request.arguments.canonical()
        guard canonical.count > argumentBytes else { return ["arguments": .object(request.arguments)] }
        return [
            "argumentsCut": true,
            "arguments": [
                "bytes": .int(Int64(canonical.count)),
                "sha256": .string(Array(SHA256.hash(data: canonical)).hex),
                "beginning": .string(String(decoding: canonical.prefix(4096), as: UTF8.self)),
            ],
        ]
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
        row.rule = rule?.text.storable
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
