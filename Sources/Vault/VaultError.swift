/// Why a secret is not there, may not be used, or cannot be read. Never holds a value.
package struct VaultError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: Sendable {
        /// There is none of that name for whoever asks.
        case notFound
        case forbidden
        case invalid
        /// Somebody else changed it in the same moment.
        case conflict
        /// The vault cannot be read with the key it was given, or is not whole.
        case key
        /// The backend does not answer, or refuses.
        case unavailable
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
