package import Model
package import NetworkRules

/// What the operator's file says about the network: denials that no grant overrides, and what is allowed without one.
package struct EgressRules: Hashable, Sendable {
    /// Whom an entry is about; what is `nil` is not asked about.
    struct Circumstances: Hashable, Sendable {
        var roles: Set<Role>?
        var channels: [Glob]?
        var requesters: People?

        func match(_ subject: EgressSubject) -> Bool {
            (roles?.contains(subject.role) ?? true)
                && (channels?.contains { $0.matches(subject.channel.rawValue) } ?? true)
                && (requesters?.contains(subject.requester, named: subject.requesterName) ?? true)
        }
    }

    struct Allowance: Hashable, Sendable {
        var rule: Rule
        var entries: [EgressEntry]
        var circumstances: Circumstances
    }

    struct Denial: Hashable, Sendable {
        var rule: Rule
        var reason: String?
        var domains: [DomainPattern]
        /// Empty: every port.
        var ports: Set<UInt16>
        var circumstances: Circumstances
    }

    var allowances: [Allowance] = []
    var denials: [Denial] = []
    /// Whether what holds for the whole company holds for its guests too.
    var guestsAreCompany = false

    package init() {}
}

/// Somebody's sandbox, and what is known of it at one moment.
package struct EgressSubject: Hashable, Sendable {
    package var session: SessionID
    package var channel: ChannelID
    package var requester: PersonID
    package var requesterName: String
    package var role: Role
    package var labels: Labels

    package init(
        session: SessionID, channel: ChannelID, requester: PersonID, requesterName: String, role: Role, labels: Labels
    ) {
        self.session = session
        self.channel = channel
        self.requester = requester
        self.requesterName = requesterName
        self.role = role
        self.labels = labels
    }
}

/// What somebody granted besides the file.
package struct EgressGrant: Hashable, Sendable {
    package var id: EgressGrantID
    package var entry: EgressEntry
    package var scope: EgressScope
    package var expires: Timestamp?

    package init(id: EgressGrantID, entry: EgressEntry, scope: EgressScope, expires: Timestamp? = nil) {
        self.id = id
        self.entry = entry
        self.scope = scope
        self.expires = expires
    }

    /// As it stands in the audit.
    package var rule: String { "\(Self.ruleStart)\(id) (\(scope.kind.rawValue))" }
    private static let ruleStart = "egress grant "

    /// Whose rule that is; `nil` for what is no grant's.
    package static func id(ofRule text: String) -> EgressGrantID? {
        guard text.hasPrefix(ruleStart) else { return nil }
        return EgressGrantID(String(text.dropFirst(ruleStart.count).prefix { $0 != " " }))
    }
}

package enum EgressDecision: Hashable, Sendable {
    case allow(rule: String, allowsUnnamedTLS: Bool)
    /// A sentence for the agent; `rule` is what decided, where something did.
    case refuse(reason: String, rule: String?)
}
