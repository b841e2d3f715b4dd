package import Model

/// Whose a secret is: who may use it, in what is done for whom.
package enum SecretScope: Hashable, Sendable {
    case company
    case channel(ChannelID)
    case person(PersonID)
}
