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
