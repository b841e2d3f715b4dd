/// What one request of the assistant's may take.
package struct WebRequestLimits: Hashable, Sendable {
    /// Of a response's body; what is longer is cut.
    package var responseBytes = 1 << 20
    package var requestBytes = 256 << 10
    /// Of the address, with the query.
    package var addressBytes = 8 << 10
    /// Of all headers of a request together.
    package var headerBytes = 16 << 10
    package var headers = 40
    /// From the first look at the host to the last byte, where the agent names none.
    package var total = Duration.seconds(60)
    /// The longest it may name.
    package var longest = Duration.seconds(120)
    /// Without a byte from the other side.
    package var idle = Duration.seconds(30)
    /// Of one session, at once.
    package var concurrent = 4

    package init() {}
}
