package import Model

package enum ModelCallOutcome: Hashable, Sendable {
    case completed(stopReason: String?)
    /// `message` is for people.
    case failed(message: String)
    /// Every model the call might have gone to is down, in a way that passes. `message` is for people.
    case unavailable(ModelOutage, message: String)
    /// The client went away, or the session's calls were cancelled.
    case cancelled
}

package enum ModelOutage: Hashable, Sendable {
    /// This call failed; it may be the call.
    case suspected
    /// Others failed before it, and none succeeded between.
    case certain
}

/// Hears what the model writes while it writes: the live draft people see. Called in order for one call, from whatever
/// thread carries it; must not block. A call that is being cancelled may still speak while the next turn runs already:
/// `turn` is the one it was granted for.
package protocol ModelStreamObserver: Sendable {
    func modelCallStarted(_ session: SessionID, turn: MessageID)
    func modelText(_ session: SessionID, turn: MessageID, delta: String)
    func modelCallEnded(_ session: SessionID, turn: MessageID, outcome: ModelCallOutcome)
}

/// For those who do not listen.
package struct SilentObserver: ModelStreamObserver {
    package init() {}
    package func modelCallStarted(_ session: SessionID, turn: MessageID) {}
    package func modelText(_ session: SessionID, turn: MessageID, delta: String) {}
    package func modelCallEnded(_ session: SessionID, turn: MessageID, outcome: ModelCallOutcome) {}
}
