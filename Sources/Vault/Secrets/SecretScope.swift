package import Model

/// Whose a secret is: who may use it, in what is done for whom.
package enum SecretScope: Hashable, Sendable {
    case company
    case channel(ChannelID)
    case person(PersonID)

    /// As it is sealed with a value: one text for one scope.
    var text: String {
        switch self {
        case .company: "company"
        case .channel(let id): "channel:\(id)"
        case .person(let id): "person:\(id)"
        }
    }

    /// For lists and the audit: whose exactly stands beside it.
    package var word: String {
        switch self {
        case .company: "company"
        case .channel: "channel"
        case .person: "person"
        }
    }
}
