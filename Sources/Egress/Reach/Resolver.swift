package import Model
package import NetworkRules

/// Finds a host's addresses.
package protocol Resolver: Sendable {
    /// All of them, in the order they should be tried. An empty list is no answer. Its caller has a deadline of its own
    /// and forgets who is late.
    /// `session`: whose question it is, so that it can be held to its share.
    func addresses(of host: HostName, for session: SessionID) async throws -> [IPAddress]
}
