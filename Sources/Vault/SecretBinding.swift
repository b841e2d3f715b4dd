package import NetworkRules

/// Where a secret may go: to these hosts, and there into these places of a request. Empty hosts: nowhere outside.
package struct SecretBinding: Hashable, Sendable {
    package var hosts: [EgressEntry]
    /// Empty: the header `authorization` alone.
    package var places: Set<SecretPlace>

    package init(hosts: [EgressEntry] = [], places: Set<SecretPlace> = []) {
        self.hosts = hosts
        self.places = places
    }

    package var effectivePlaces: Set<SecretPlace> { places.isEmpty ? [.header("authorization")] : places }
}

/// A place of a request that a secret may be put in.
package enum SecretPlace: Hashable, Sendable {
    /// Of that name, in lower case.
    case header(String)
    /// The value of the query parameter of that name, as it stands there.
    case query(String)
    case body
}
