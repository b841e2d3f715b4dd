/// How the connections to Slack are, for people: `doctor`, a status page, a log line.
package struct SocketStatus: Hashable, Sendable {
    package enum State: String, Sendable {
        /// Not running.
        case stopped
        /// The first connections are being made, or none is left and new ones are.
        case connecting
        /// Messages arrive.
        case connected
        /// Slack refuses: the token is none, or Socket Mode is off. An operator has to act; it is tried again now and then.
        case refused
    }

    package var state: State = .stopped
    package var connections = 0
    /// When `state` last changed, on the clock of the machine's uptime.
    package var since: ContinuousClock.Instant
    /// Why the last connection ended or was not made; nil since one was made anew.
    package var lastError: SlackError?
    /// When the last envelope came.
    package var lastEnvelope: ContinuousClock.Instant?
    /// Envelopes that came, and those that were not taken because too many were being worked on: Slack repeats them.
    package var received = 0
    package var dropped = 0

    package init(since: ContinuousClock.Instant) { self.since = since }
}
