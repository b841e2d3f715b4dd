/// What one request of the assistant's may take.
package struct WebRequestLimits: Hashable, Sendable {
    /// Of a response's body; what is longer is cut.
    package var responseBytes = 1 << 20
    package var requestBytes = 256 << 10
    package var total = Duration.seconds(60)

    package init() {}
}
