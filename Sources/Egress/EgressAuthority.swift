package import Model
package import NetworkRules

/// What a sandbox asks the egress door for, by name: nothing has been resolved yet.
package struct EgressRequest: Hashable, Sendable {
    package var session: SessionID
    /// Which of the session's doors it came through, as `EgressProxy.open` was told.
    package var door: EgressDoorName
    package var target: Authority
    /// `nil`: a tunnel (CONNECT), whose content nobody here reads.
    package var method: String?
    /// Of a request that is no tunnel, as it is sent on, without its query, which may hold secrets and holds nobody to anything.
    package var path: String?

    package init(
        session: SessionID, door: EgressDoorName = .workspace, target: Authority, method: String? = nil,
        path: String? = nil
    ) {
        self.session = session
        self.door = door
        self.target = target
        self.method = method
        self.path = path
    }
}

/// A session may have more than one door: its workspace's, and one for each command that runs apart from it.
package struct EgressDoorName: Hashable, Sendable, CustomStringConvertible {
    package let text: String

    package init(_ text: String) {
        self.text = text
    }

    package static let workspace = EgressDoorName("workspace")

    package var description: String { text }
}

package enum EgressVerdict: Hashable, Sendable {
    /// `rule`: the entry and where it stands, as the audit has it. `allowsUnnamedTLS`: of that entry.
    case allow(rule: String, allowsUnnamedTLS: Bool)
    /// A sentence for the agent: what was refused, and what would help.
    case refuse(reason: String)
}

/// A connection that is over, or was never made. Of a connection kept alive, each request is one.
package struct EgressConnection: Sendable {
    package var session: SessionID
    package var door: EgressDoorName
    /// `nil` where what was asked could not be read, or was not looked at.
    package var request: EgressRequest?
    /// The target as asked, printable ASCII and cut to 300 characters; empty where there was none.
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
        session: SessionID, door: EgressDoorName = .workspace, request: EgressRequest? = nil, asked: String,
        refusal: String? = nil, rule: String? = nil, address: String? = nil, bytesUp: Int64 = 0, bytesDown: Int64 = 0,
        duration: Duration = .zero, end: String? = nil
    ) {
        self.session = session
        self.door = door
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
    /// Asked before anything is resolved. What an allowance entails (the session's label) is durable when this returns. An
    /// error refuses, and so does an answer that takes too long.
    func decide(_ request: EgressRequest) async throws -> EgressVerdict
    /// Whether what was asked before is still allowed, after a change: of requests that are all one session's, a verdict for
    /// each, in their order. Nothing follows from an allowance here. An error refuses all of them, and so does an answer that
    /// takes too long.
    func decideAgain(_ requests: [EgressRequest]) async throws -> [EgressVerdict]
    /// Every connection, allowed or refused, once. Not cancelled with the connection.
    func record(_ connection: EgressConnection) async
}

extension EgressAuthority {
    /// For those to whom one more question costs nothing, and whose answers entail nothing.
    package func decideAgain(_ requests: [EgressRequest]) async throws -> [EgressVerdict] {
        var verdicts: [EgressVerdict] = []
        for request in requests { verdicts.append(try await decide(request)) }
        return verdicts
    }
}
