/// Why the daemon does not start, in words for the operator.
package struct StartError: Error, CustomStringConvertible {
    package let message: String

    package init(_ message: String) {
        self.message = message
    }

    package var description: String { message }
}
