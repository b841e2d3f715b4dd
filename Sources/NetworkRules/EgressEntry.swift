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

extension EgressEntry {
    /// Whether the entry allows this. Without a method it is a tunnel.
    package func matches(_ target: Authority, method: String? = nil, path: String? = nil) -> Bool {
        guard domain.matches(target.host) else { return false }
        guard ports.isEmpty ? target.port == 80 || target.port == 443 : ports.contains(target.port) else {
            return false
        }
        guard let method else { return methods.isEmpty && pathPrefixes.isEmpty }
        guard methods.isEmpty || methods.contains(method) else { return false }
        if pathPrefixes.isEmpty { return true }
        guard let path = path.flatMap({ RequestPath($0) }) else { return false }
        // A prefix that cannot be read holds nobody to anything, so it allows nothing.
        return pathPrefixes.contains { prefix in RequestPath(prefix).map(path.isBelow) == true }
    }

    /// The first entry that allows this; none of an empty list does.
    package static func first(
        in entries: some Sequence<EgressEntry>, matching target: Authority, method: String? = nil, path: String? = nil
    ) -> EgressEntry? {
        entries.first { $0.matches(target, method: method, path: path) }
    }
}
