internal import Model

/// Whom a card was made for: what it shows, now and when it is closed. Kept with the post, as text.
enum CardAudience: Hashable {
    /// Everybody who reads the thread.
    case room
    /// The same, where they may not see what is asked.
    case placeholder
    /// One person, alone.
    case person(PersonID)

    init?(_ text: String?) {
        switch text {
        case "room": self = .room
        case "placeholder": self = .placeholder
        case let text? where text.hasPrefix("person:"):
            guard let person = PersonID(String(text.dropFirst("person:".count))) else { return nil }
            self = .person(person)
        default: return nil
        }
    }

    var text: String {
        switch self {
        case .room: "room"
        case .placeholder: "placeholder"
        case .person(let id): "person:\(id.rawValue)"
        }
    }
}
