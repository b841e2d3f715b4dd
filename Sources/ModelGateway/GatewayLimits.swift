/// Bounds on what one client can ask of the gateway. Every one is enforced (and tested) by behaviour.
package struct GatewayLimits: Sendable {
    package var maximumBodyBytes = 32 << 20
    package var maximumHeaderBytes = 64 << 10
    package var maximumHeaderFields = 100
    /// Open connections of one door; more are closed at once.
    package var maximumConnectionsPerDoor = 16
    package var maximumCallsPerSession = 4
    /// Requests of one compartment that are no model calls (`count_tokens`, `HEAD`), and refusals that are logged.
    package var freeRequestsPerMinute = 120
    /// From the first header to the last byte of a request.
    package var requestDeadline: Duration = .seconds(60)
    /// How long a connection may lie idle between requests.
    package var connectionIdle: Duration = .seconds(900)
    /// How long a client may leave one piece of the response unread.
    package var writeDeadline: Duration = .seconds(60)
    /// The whole of one model call, retries included.
    package var callDeadline: Duration = .seconds(1800)

    package init() {}
}
