/// How Socket Mode connects.
package struct SocketOptions: Hashable, Sendable {
    /// At a time, so that one which breaks loses nothing: 1 to 10, which is what Slack allows.
    package var connections = 2
    /// Envelopes being worked on at a time. One more is not taken, and Slack sends it again.
    package var mostInFlight = 128
    /// Of a message, all of its pieces.
    package var largestMessage = 1 << 20
    package var pingInterval: Duration = .seconds(5)
    /// A connection on which nothing came for so long is dead.
    package var staleAfter: Duration = .seconds(20)
    /// Address, handshake and Slack's hello.
    package var connectTimeout: Duration = .seconds(20)
    /// How long a connection that Slack wants changed is kept beside the new one.
    package var overlap: Duration = .seconds(30)
    package var backoff = Backoff(first: .seconds(1), longest: .seconds(60))
    /// Between tries while Slack refuses.
    package var refusedBackoff = Backoff(first: .seconds(60), longest: .seconds(600))
    /// A connection that lived shorter counts as a failed try.
    package var healthyAfter: Duration = .seconds(10)

    package init() {}
}
