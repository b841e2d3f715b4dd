/// Why a connection ended, or would not take a message.
package struct TransportError: Error, Hashable, CustomStringConvertible {
    package struct Code: RawRepresentable, Hashable, Sendable {
        package let rawValue: String
        package init(rawValue: String) { self.rawValue = rawValue }

        /// Closed by this side, or the peer reads no more.
        package static let closed = Code(rawValue: "closed")
        package static let messageTooLong = Code(rawValue: "message_too_long")
        package static let badFraming = Code(rawValue: "bad_framing")
        package static let inputOutput = Code(rawValue: "input_output")
    }

    package let code: Code
    package let message: String

    package init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    package static let closed = TransportError(code: .closed, message: "the connection is closed")
    package var description: String { message }
}
