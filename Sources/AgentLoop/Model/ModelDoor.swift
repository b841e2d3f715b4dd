/// Where model calls go.
package protocol ModelDoor: Sendable {
    /// The complete message, or why there is none. Cancelling the task ends the call.
    nonisolated(nonsending) func answer(_ request: [UInt8]) async throws(ModelFailure) -> ModelMessage
}
