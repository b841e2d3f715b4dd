/// What one session may take of the egress door, and how long things may last. Every wait here has an end.
package struct EgressLimits: Hashable, Sendable {
    /// At once, of one session.
    package var connections = 64
    /// At once, of all sessions.
    package var allConnections = 1024
    /// Of one session, sustained. What comes faster waits up to `longestDelay`, and is refused beyond that.
    package var connectionsPerSecond = 20
    /// Of one session, at once after a rest.
    package var burst = 40
    package var longestDelay: Duration = .seconds(2)
    /// Of one session, over its whole life: what could be carried out.
    package var bytesUp: Int64 = 10 << 20
    /// Of one session, over its whole life.
    package var bytesDown: Int64 = 4 << 30
    /// Of one connection, without a byte either way.
    package var idle: Duration = .seconds(120)
    /// Of one connection, in all.
    package var total: Duration = .seconds(3600)
    /// A request's head, from its first wait to its last byte; also a tunnel's first bytes, until the host is known.
    package var headDeadline: Duration = .seconds(10)
    package var headBytes = 32 << 10
    package var headFields = 100
    package var decisionDeadline: Duration = .seconds(10)
    package var resolveDeadline: Duration = .seconds(10)
    package var connectDeadline: Duration = .seconds(10)
    /// Of the answer to `recheck` about one connection. Beyond it the connection is closed.
    package var recheckDeadline: Duration = .seconds(1)

    package init() {}
}
