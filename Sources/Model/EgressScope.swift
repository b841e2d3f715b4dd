/// For whom a granted address of the network holds.
package enum EgressScope: Hashable, Sendable {
    /// Everybody, but guests where the policy does not say so.
    case company
    case channel(ChannelID)
    case person(PersonID)
    /// One session: it ends with it.
    case session(SessionID)

    package enum Kind: String, CaseIterable, Sendable {
        case company, channel, person, session
    }

    package var kind: Kind {
        switch self {
        case .company: .company
        case .channel: .channel
        case .person: .person
        case .session: .session
        }
    }

    /// Of the channel, the person or the session; `nil` for the company.
    package var subject: String? {
        switch self {
        case .company: nil
        case .channel(let id): id.rawValue
        case .person(let id): id.rawValue
        case .session(let id): id.rawValue
        }
    }

    /// `nil` where the two do not go together.
    package init?(_ kind: Kind, subject: String?) {
        switch (kind, subject) {
        case (.company, nil): self = .company
        case (.channel, let text?):
            guard let id = ChannelID(text) else { return nil }
            self = .channel(id)
        case (.person, let text?):
            guard let id = PersonID(text) else { return nil }
            self = .person(id)
        case (.session, let text?):
            guard let id = SessionID(text) else { return nil }
            self = .session(id)
        default: return nil
        }
    }
}
