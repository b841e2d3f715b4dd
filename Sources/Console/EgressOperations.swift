package import MCP
package import Model

/// Which addresses of the network are granted to whom. Who may is decided by whoever implements it, and all of it is on
/// record.
package protocol EgressOperations: Sendable {
    /// `grants`: objects with `id`, `entry`, `scope`, `for`, `by`, `reason`, `given`, `expires`, `in_force`, `end`;
    /// `policy`: what the policy file says, with `rule`, `entries` and whom it is for.
    func egress(for person: PersonID) async throws -> JSONObject
    /// The grant. Throws `ChatError` for what is no host, port, method or path, and for nobody.
    func allowEgress(_ wish: EgressWish, by person: PersonID) async throws -> JSONObject
    /// `ended`: the grants of that id or domain, which hold no more; `still_allowed`: by which lines of the policy file the
    /// domain is.
    func denyEgress(_ what: String, reason: String, by person: PersonID) async throws -> JSONObject
}

/// What an admin wants to be reached, as typed.
package struct EgressWish: Sendable, Equatable {
    package enum Target: Sendable, Equatable {
        case company
        case channel(String)
        case person(String)
    }

    package var domain: String
    package var ports: [Int64]
    package var methods: [String]
    package var paths: [String]
    /// TLS may hide or leave out the host's name.
    package var withoutSNI: Bool
    package var target: Target
    package var expires: Timestamp?
    package var reason: String

    package init(
        domain: String, ports: [Int64] = [], methods: [String] = [], paths: [String] = [], withoutSNI: Bool = false,
        target: Target, expires: Timestamp? = nil, reason: String = ""
    ) {
        self.domain = domain
        self.ports = ports
        self.methods = methods
        self.paths = paths
        self.withoutSNI = withoutSNI
        self.target = target
        self.expires = expires
        self.reason = reason
    }
}
