/// What a session holds at most for its peer.
package struct SessionLimits: Sendable, Hashable {
    /// Requests of the peer that run at the same time. While so many run, nothing more is read from it.
    package var maximumRequestsInFlight: Int
    package var json: JSONLimits

    package static let `default` = SessionLimits()

    package init(maximumRequestsInFlight: Int = 256, json: JSONLimits = .default) {
        self.maximumRequestsInFlight = maximumRequestsInFlight
        self.json = json
    }
}
