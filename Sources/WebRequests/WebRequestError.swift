/// Why a request is not made, or what became of it, in words for the agent. Holds no secret.
package struct WebRequestError: Error, Hashable, Sendable, CustomStringConvertible {
    package let description: String

    package init(_ description: String) {
        self.description = description
    }
}
