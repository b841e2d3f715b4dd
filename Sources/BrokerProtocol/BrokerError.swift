/// Why the broker did not do it. Goes over the socket as `{"code", "message"}`.
package struct BrokerError: Error, Sendable, Hashable, CustomStringConvertible {
    package struct Code: Sendable, Hashable, CustomStringConvertible {
        package let description: String

        package init(_ description: String) {
            self.description = description
        }

        /// Not a request of the vocabulary.
        package static let invalid = Code("invalid")
        /// No such compartment, or another connection's.
        package static let unknown = Code("unknown")
        /// It exists already, or is in another state than the request needs.
        package static let conflict = Code("conflict")
        /// A configured limit is reached.
        package static let limit = Code("limit")
        /// No Docker Engine, or it failed.
        package static let engine = Code("engine")
        package static let image = Code("image")
        /// A volume could not be bound as asked.
        package static let volume = Code("volume")
        /// Not while it runs: volumes are bound at creation here.
        package static let onlyAtCreation = Code("onlyAtCreation")
        /// No broker answers, or it went away.
        package static let disconnected = Code("disconnected")
        package static let timedOut = Code("timedOut")
        package static let configuration = Code("configuration")
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
