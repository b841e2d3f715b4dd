package import Egress
package import Model

/// The proxy as conversations use it.
package protocol EgressDoors: Sendable {
    /// Serves a listening socket from now on, which is its own to close, also where this throws.
    func open(door listening: CInt, for session: SessionID, name: EgressDoorName) async throws
    /// Closes that door with its connections.
    func close(_ session: SessionID, name: EgressDoorName) async
    /// The session is over: closes all its doors, and forgets what it used of its caps.
    func end(_ session: SessionID) async
    /// Asks anew about each live connection, and closes what is not allowed any more.
    func recheck(_ session: SessionID?) async
}

/// What tells people in a conversation of something that happened there.
package protocol EgressAnnouncer: Sendable {
    func announceEgress(_ text: String, in conversation: ConversationID, of session: SessionID) async
}
