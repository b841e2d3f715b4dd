package import Model
package import NetworkRules

/// What a sandbox asks the egress door for, by name: nothing has been resolved yet.
package struct EgressRequest: Hashable, Sendable {
    package var session: SessionID
    package var target: Authority
    /// `nil`: a tunnel (CONNECT), whose content nobody here reads.
    package var method: String?
    /// Of a request that is no tunnel, as it is sent on.
    package var path: String?

    package init(session: SessionID, target: Authority, method: String? = nil, path: String? = nil) {
        self.session = session
        self.target = target
        self.method = method
        self.path = path
    }
}

package enum EgressVerdict: Hashable, Sendable {
    /// `rule`: the entry and where it stands, as the audit has it. `allowsUnnamedTLS`: of that entry.
    case allow(rule: String, allowsUnnamedTLS: Bool)
    /// A sentence for the agent: what was refused, and what would help.
    case refuse(reason: String)
}

/// A connection that is over, or was never made.
package struct EgressConnection: Sendable {
    package var request: EgressRequest
    /// As asked, where it could not even be read as a host and a port.
    package var asked: String
    /// `nil` where it was allowed.
    package var refusal: String?
    package var rule: String?
    /// The address that was dialled.
    package var address: String?
    package var bytesUp: Int64
    package var bytesDown: Int64
    package var duration: Duration
    /// Why it ended, where that was not its own end: a cap, a revocation, the other side's failure.
    package var end: String?

    package init(
        request: EgressRequest, asked: String, refusal: String? = nil, rule: String? = nil, address: String? = nil,
        bytesUp: Int64 = 0, bytesDown: Int64 = 0, duration: Duration = .zero, end: String? = nil
    ) {
        self.request = request
        self.asked = asked
        self.refusal = refusal
        self.rule = rule
        self.address = address
        self.bytesUp = bytesUp
        self.bytesDown = bytesDown
        self.duration = duration
        self.end = end
    }
}

/// Whom the egress door asks and tells. Implemented by whoever knows what a session was granted and what it has touched.
package protocol EgressAuthority: Sendable {
    /// Asked before anything is resolved, and again for live tunnels after a change. What an allowance entails (the
    /// session's label) is durable when this returns. An error refuses.
    func decide(_ request: EgressRequest) async throws -> EgressVerdict
    /// Every connection, allowed or refused, once.
    func record(_ connection: EgressConnection) async
}
