/// A host and a port as a client named them: what the allowlist is asked about, what is dialled, and what stands in the
/// audit, read once.
package struct Authority: Hashable, Sendable, CustomStringConvertible {
    package let host: HostName
    package let port: UInt16

    package init(host: HostName, port: UInt16) {
        self.host = host
        self.port = port
    }

    package var description: String { "\(host):\(port)" }
}
