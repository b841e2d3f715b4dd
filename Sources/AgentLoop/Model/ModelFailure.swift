/// Why a model call brought no usable message.
package struct ModelFailure: Error, Hashable, CustomStringConvertible {
    package enum Kind: Hashable, Sendable {
        /// The door did not open or closed before an answer began.
        case unreachable
        /// The answer began and broke off, stalled, carried an `error` event or was not what the protocol says.
        case broken
        /// The conversation is longer than the model takes.
        case tooLong
        /// A complete error answer with this status. The gateway has retried what can be retried.
        case answered(status: Int)
    }

    package let kind: Kind
    /// A sentence without a full stop, fit for people.
    package let message: String

    package init(_ kind: Kind, _ message: String) {
        self.kind = kind
        self.message = message
    }

    package var description: String { message }

    static func broken(_ message: String) -> ModelFailure { ModelFailure(.broken, message) }

    /// Whether the same request may succeed when simply sent again.
    package var isWorthRepeating: Bool {
        switch kind {
        case .unreachable, .broken: true
        case .tooLong, .answered: false
        }
    }
}
