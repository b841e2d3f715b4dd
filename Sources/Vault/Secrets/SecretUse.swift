package import NetworkRules

/// What a value is wanted for.
package enum SecretUse: Hashable, Sendable {
    /// In a request the harness makes. `path` as it is sent, without its query.
    case request(Authority, method: String, path: String, place: SecretPlace)
    /// In the environment of one command, as the variable of that name.
    case environment(String)
    /// In the clear, in the agent's context.
    case reading

    package enum Kind: String, Sendable { case request, environment, reading }

    package var kind: Kind {
        switch self {
        case .request: .request
        case .environment: .environment
        case .reading: .reading
        }
    }
}
