/// What a session holds at most for its peer.
package struct SessionLimits: Sendable, Hashable {
    /// Requests of the peer that run at the same time. While so many run, nothing more is read from it.
    package var maximumRequestsInFlight: Int
    /// The same for what they came in, in bytes. A single larger request may still run, alone.
    package var maximumBytesInFlight: Int
    package var json: JSONLimits

    package static let `default` = SessionLimits()

    package init(
        maximumRequestsInFlight: Int = 256, maximumBytesInFlight: Int = 8 << 20, json: JSONLimits = .default
    ) {
        self.maximumRequestsInFlight = maximumRequestsInFlight
        self.maximumBytesInFlight = maximumBytesInFlight
        self.json = json
    }
}
