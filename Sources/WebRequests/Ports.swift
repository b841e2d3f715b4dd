package import Egress
package import Model
package import NetworkRules
package import ToolServers

/// What came of a request, for the audit. Neither values of secrets nor the query are in it.
package struct WebRequestRecord: Sendable {
    package var method: String
    package var target: Authority
    /// Without the query.
    package var path: String
    package var secrets: [String]
    /// The entry that allowed it, or the binding of its secrets; `nil` where it was refused.
    package var rule: String?
    package var address: String?
    package var status: Int?
    package var bytesUp: Int64
    package var bytesDown: Int64
    package var duration: Duration
    /// Why it was not made, or broke off.
    package var failure: String?
}

/// What requests need of those above.
package protocol WebRequestHost: Sendable {
    /// What the session has touched by now.
    func labels(of session: SessionID) async throws -> Labels
    /// Whether a secret that may be used in this call is bound to the host: there the agent gives no credentials of its own.
    func isAnySecretBound(to host: HostName, context: ToolContext) async throws -> Bool
    /// Whether what nothing overrides (denials, pauses) lets a request go where the bindings of its secrets allow it.
    func decide(_ request: EgressRequest, only entries: [EgressEntry]) async throws -> EgressVerdict
    /// Every request, made or refused, once. Not cancelled with the call.
    func record(_ record: WebRequestRecord, context: ToolContext) async
    /// Keeps what is no text in the session's folder; returns where the agent finds it. Throws where a live secret is in it.
    func keep(_ bytes: [UInt8], name: String, context: ToolContext) async throws -> String
}
