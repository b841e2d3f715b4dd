package import MCP
package import Model
import Store

/// Which rows of the audit to show; `nil` matches all.
package struct AuditFilter: Sendable {
    package var after: Int64 = 0
    /// Only rows with a smaller number: how the next page of the `newest` is asked for.
    package var before: Int64?
    package var limit = 200
    /// The newest that match, still in order, in place of the first.
    package var newest = false
    package var kind: AuditKind?
    /// An event's name, such as `egress.connection`.
    package var event: String?
    package var session: SessionID?
    /// As requester, or as the admin who spoke for one.
    package var person: PersonID?
    package var channel: ChannelID?
    package var conversation: ConversationID?
    package var tool: String?
    package var decision: AuditDecision?
    package var call: CallID?
    /// From this time on.
    package var since: Timestamp?
    /// Before this time.
    package var until: Timestamp?

    package init() {}

    var selection: AuditSelection {
        var selection = AuditSelection()
        selection.after = after
        selection.before = before
        selection.limit = max(1, min(limit, 10_000))
        selection.newest = newest
        selection.kind = kind?.rawValue
        selection.event = event
        selection.session = session?.rawValue
        selection.person = person?.rawValue
        selection.channel = channel?.rawValue
        selection.conversation = conversation?.rawValue
        selection.tool = tool
        selection.decision = decision?.rawValue
        selection.call = call?.rawValue
        selection.since = since?.milliseconds
        selection.until = until?.milliseconds
        return selection
    }
}

/// A row of the audit as people read it.
package struct AuditEntry: Sendable {
    package let sequence: Int64
    package let at: Timestamp
    /// `intent`, `outcome` or `event`.
    package let kind: String
    /// An event's name; of an outcome: `done`, `failed`, `cancelled`, or `unknown` where the
    /// daemon ended meanwhile.
    package let event: String?
    package let requester: String?
    package let requesterName: String?
    package let onBehalfBy: String?
    package let channel: String?
    package let conversation: String?
    package let session: String?
    package let call: String?
    package let tool: String?
    package let decision: String?
    /// Name and line of the rule that decided.
    package let rule: String?
    /// In hexadecimal, as all digests.
    package let policyDigest: String?
    package let duration: Duration?
    package let resultBytes: Int64?
    package let resultDigest: String?
    /// `arguments`, `error`, `reason`, `approvedBy` …: what stands outside the chain. `nil` where there was none, or it
    /// was purged.
    package let details: JSONValue?
    package let digest: String

    package var arguments: JSONValue? { details?["arguments"] }
    package var error: String? { details?["error"]?.stringValue }

    init(_ row: AuditRow, payload: [UInt8]?, requesterName: String?) {
        sequence = row.sequence
        at = row.at
        kind = row.kind
        event = row.event
        requester = row.requester
        self.requesterName = requesterName
        onBehalfBy = row.onBehalfBy
        channel = row.channel
        conversation = row.conversation
        session = row.session
        call = row.call
        tool = row.tool
        decision = row.decision
        rule = row.rule
        policyDigest = row.policy?.hex
        duration = row.microseconds.map { .microseconds($0) }
        resultBytes = row.resultBytes
        resultDigest = row.resultDigest?.hex
        details = payload.flatMap { try? JSONValue(parsing: $0) }
        digest = row.digest.hex
    }
}
