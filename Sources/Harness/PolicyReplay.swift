package import Audit
import MCP
package import Model
package import Policy
import Store

/// What another policy would have decided about the calls that were.
package struct PolicyReplay: Sendable {
    package struct Change: Sendable {
        package let call: AuditEntry
        /// `allow`, `ask` or `deny`.
        package let before: String
        package let after: Decision
    }

    /// Calls that were decided, and could be decided anew.
    package private(set) var calls = 0
    /// Calls of which too little is kept: their details were purged, or their arguments were too long, or not to be kept.
    package private(set) var unknown = 0
    package private(set) var changed = 0
    /// The first thousand, in order.
    package private(set) var changes: [Change] = []

    private static let kept = 1000

    /// The tool's name in the audit is cut, and so are arguments, or they were not kept: such calls count as unknown, they are never guessed.
    mutating func take(_ entry: AuditEntry, under policy: Policy) {
        guard entry.kind == AuditKind.intent.rawValue, let before = Self.word(entry.decision) else { return }
        guard let question = Self.question(entry, policy) else {
            unknown += 1
            return
        }
        calls += 1
        let after = policy.evaluate(question)
        guard after.word != before else { return }
        changed += 1
        if changes.count < Self.kept { changes.append(Change(call: entry, before: before, after: after)) }
    }

    /// What the policy had said; `nil` where no policy was asked.
    private static func word(_ decision: String?) -> String? {
        switch decision.flatMap({ AuditDecision(rawValue: $0) }) {
        case .allow: "allow"
        case .deny: "deny"
        case .ask, .approved, .refused, .expired: "ask"
        case .unknown, .invalid, .cancelled, nil: nil
        }
    }

    private static func question(_ entry: AuditEntry, _ policy: Policy) -> PolicyQuestion? {
        guard let facts = entry.details?["decidedOn"], let tool = entry.tool,
            let arguments = entry.arguments?.objectValue, entry.details?["argumentsCut"] == nil,
            entry.details?["redacted"] == nil,
            let mode = facts["mode"]?.stringValue.flatMap({ Mode(rawValue: $0) }),
            let role = facts["role"]?.stringValue.flatMap({ Role(rawValue: $0) }),
            let effect = facts["effect"]?.stringValue.flatMap({ Effect(rawValue: $0) }),
            let runsCommands = facts["runsCommands"]?.boolValue, let isDirect = facts["direct"]?.boolValue,
            let requester = entry.requester.flatMap({ PersonID($0) }),
            let channel = entry.channel.flatMap({ ChannelID($0) })
        else { return nil }
        let names = facts["labels"]?.arrayValue?.compactMap(\.stringValue) ?? []
        var labels: Labels = []
        if names.contains("untrusted") { labels.insert(.untrusted) }
        if names.contains("private") { labels.insert(.private) }
        let override = policy.override(for: tool)
        return PolicyQuestion(
            tool: tool, arguments: arguments, effect: override?.effect ?? effect,
            runsCommands: override?.runsCommands ?? runsCommands, mode: mode, role: role, requester: requester,
            requesterName: entry.requesterName ?? "", channel: channel,
            audience: isDirect ? .requesterOnly : .channel(channel), labels: labels, time: entry.at)
    }
}

extension AuditLog {
    /// Runs `policy` over the calls recorded since `time`.
    package func replay(_ policy: Policy, since time: Timestamp) async throws -> PolicyReplay {
        var replay = PolicyReplay()
        var filter = AuditFilter()
        filter.kind = .intent
        filter.limit = 1000
        while true {
            let page = try await rows(matching: filter)
            for entry in page where entry.at >= time { replay.take(entry, under: policy) }
            guard let last = page.last, page.count == filter.limit else { return replay }
            filter.after = last.sequence
            try Task.checkCancellation()
        }
    }
}
