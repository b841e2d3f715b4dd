package import Model

/// One call as it is billed and shown: written for calls that failed or were cancelled too, since those cost as well.
package struct ModelCallRecord: Sendable {
    package var session: ModelSession
    /// What the call was granted for.
    package var turn: MessageID
    package var work: ModelWork
    package var tier: ModelTier
    package var provider: String
    package var model: String
    package var usage: TokenUsage
    /// Millionths of a US dollar, rounded up.
    package var microdollars: Int64
    /// What was set aside for it, to be given back by whoever keeps the record; `nil` where nothing was.
    package var reservation: ReservationID?
    package var started: Timestamp
    package var duration: Duration
    package var streamed: Bool
    /// How often the provider was asked: 1 without a retry, 0 where no request could even be made.
    package var attempts: Int
    /// The provider's own word (`end_turn`, `tool_use`, …); `nil` where none arrived.
    package var stopReason: String?
    /// Why the call did not complete, in words for people; `nil` where it did.
    package var error: String?
    /// The provider's name for the request, for questions to its support.
    package var providerRequestID: String?
}

/// Where records go. Awaited before the client sees the end of its response, so that what was spent is on record before
/// anything is done with the answer.
package protocol ModelCallRecorder: Sendable {
    func record(_ call: ModelCallRecord) async
    /// A request that was not let through. Awaited before the client is told; not called for what comes faster than the
    /// rate at which a compartment's refusals are recorded.
    func refused(_ refusal: ModelRefusal) async
}

extension ModelCallRecorder {
    package func refused(_ refusal: ModelRefusal) async {}
}

/// What the door did not let through, and why: nothing of it went to a provider.
package struct ModelRefusal: Sendable {
    package var compartment: CompartmentID
    /// `nil` where the door belongs to no session.
    package var session: ModelSession?
    package var status: Int
    package var reason: String

    package init(compartment: CompartmentID, session: ModelSession?, status: Int, reason: String) {
        self.compartment = compartment
        self.session = session
        self.status = status
        self.reason = reason
    }
}
