package import Model

/// What decided: a rule of the operator's file, or a built-in default (no line).
package struct Rule: Hashable, Sendable {
    package let name: String
    package let line: Int?
    /// How far a yes to its question may reach; `nil`: no further than the call. What does not say so is asked each time.
    package let grants: GrantScope?

    package init(name: String, line: Int? = nil, grants: GrantScope? = nil) {
        self.name = name
        self.line = line
        self.grants = grants
    }

    /// `name (policy line 12)`, `Standard mode`.
    package var text: String { line.map { "\(name) (policy line \($0))" } ?? name }
}

/// Who may answer when the gate asks.
package enum Approvers: String, CaseIterable, Hashable, Sendable {
    /// The person the call is made for confirms it.
    case requester
    /// Somebody else, who is no guest.
    case secondPerson
    /// An admin or owner, the requester included where it is one.
    case admins

    package var inWords: String {
        switch self {
        case .requester: "the person it is done for"
        case .secondPerson: "a second person, not the one it is done for"
        case .admins: "an admin"
        }
    }

    package func permits(_ person: PersonID, role: Role, requester: PersonID) -> Bool {
        switch self {
        case .requester: person == requester
        case .secondPerson: person != requester && role != .guest
        case .admins: role == .admin || role == .owner
        }
    }
}

package enum Decision: Hashable, Sendable {
    case allow(rule: Rule)
    case ask(Approvers, expires: Duration, reason: String, rule: Rule)
    case deny(reason: String, rule: Rule)

    package var word: String {
        switch self {
        case .allow: "allow"
        case .ask: "ask"
        case .deny: "deny"
        }
    }

    package var rule: Rule {
        switch self {
        case .allow(let rule), .ask(_, _, _, let rule), .deny(_, let rule): rule
        }
    }
}
