/// One entry of an allowlist: which hosts, at which ports, and for requests that can be read on their way (plain HTTP)
/// which methods and paths.
package struct EgressEntry: Hashable, Sendable {
    package var domain: DomainPattern
    /// Empty: 80 and 443.
    package var ports: Set<UInt16>
    /// Upper case; empty: all. An entry that restricts methods or paths opens no tunnels: nobody could hold them to it.
    package var methods: Set<String>
    /// Empty: all.
    package var pathPrefixes: [String]
    /// Whether a tunnel's TLS may hide or leave out the name of its host.
    package var allowsUnnamedTLS: Bool

    package init(
        domain: DomainPattern, ports: Set<UInt16> = [], methods: Set<String> = [], pathPrefixes: [String] = [],
        allowsUnnamedTLS: Bool = false
    ) {
        self.domain = domain
        self.ports = ports
        self.methods = methods
        self.pathPrefixes = pathPrefixes
        self.allowsUnnamedTLS = allowsUnnamedTLS
    }
}
