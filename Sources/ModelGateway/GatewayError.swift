/// What is wrong with the gateway's own configuration or doors, in words for an operator. What a client of the API did
/// wrong is an `APIError`.
package struct GatewayError: Error, Sendable, CustomStringConvertible {
    package struct Code: RawRepresentable, Hashable, Sendable {
        package let rawValue: String

        package init(rawValue: String) {
            self.rawValue = rawValue
        }

        package static let configuration = Code(rawValue: "configuration")
        package static let door = Code(rawValue: "door")
    }

    package let code: Code
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
