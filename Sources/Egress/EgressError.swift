/// Why the egress door could not be opened, or something was not reached.
package struct EgressError: Error, Sendable, CustomStringConvertible {
    package struct Code: Hashable, Sendable {
        let name: String

        /// The door itself: there is one already, or its descriptor is unusable.
        package static let door = Code(name: "door")
        /// The name has no address, or none in time.
        package static let resolve = Code(name: "resolve")
        /// The name has an address that is not the public internet's.
        package static let address = Code(name: "address")
        /// No address took the connection.
        package static let connect = Code(name: "connect")
        /// A stand-in for a name that could be somebody's, or at an address that is not loopback.
        package static let standIn = Code(name: "standIn")
    }

    package let code: Code
    /// For whoever asked for the connection.
    package let description: String

    package init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
