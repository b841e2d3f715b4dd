package import Logging
package import Model

/// The third door: an HTTP proxy on a Unix socket per sandbox. What a client asks for is decided on by name, resolved and
/// dialled here, held to the name it was allowed for, capped, and told to the authority when it is over.
package actor EgressProxy {
    package init(
        authority: any EgressAuthority, limits: EgressLimits = EgressLimits(), reach: EgressReach = EgressReach(),
        logger: Logger = Logger(label: "egress")
    ) {
    }

    /// Serves until cancelled; then doors and connections close, and what was under way is recorded. Call once.
    package func run() async {
    }

    /// Serves a sandbox's socket, which listens already; the descriptor is the proxy's from here on, also where this
    /// throws. With `expectedUser`, connections of other users are closed unanswered. `reach`: of this door alone,
    /// instead of the proxy's.
    package func open(
        door listening: CInt, for session: SessionID, name: EgressDoorName = .workspace, expectedUser: UInt32? = nil,
        reach: EgressReach? = nil
    ) async throws {
        throw EgressError(.door, "The egress door is not served yet.")
    }

    /// Closes one door of the session with all its connections. Does nothing where there is none.
    package func close(_ session: SessionID, name: EgressDoorName) async {
    }

    /// Closes all doors of the session and forgets what it has used. Does nothing where there is none.
    package func close(_ session: SessionID) async {
    }

    /// Asks the authority again about every live connection (of the session, where one is given), and closes those that
    /// are not allowed any more or about which it does not answer within a second.
    package func recheck(_ session: SessionID? = nil) async {
    }

    /// What the session has used of its caps; `nil` where it has no door.
    package func usage(of session: SessionID) -> EgressUsage? { nil }
}

package struct EgressUsage: Hashable, Sendable {
    package var bytesUp: Int64 = 0
    package var bytesDown: Int64 = 0
    /// Requests and tunnels admitted so far.
    package var admitted = 0
    /// Connections now.
    package var connections = 0

    package init() {}
}
