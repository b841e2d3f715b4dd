internal import Model

extension PolicyQuestion {
    /// `decision` with a question to people in place of an allowance; where nobody is asked, a denial. A denial stays
    /// one. Of a question the approvers and the time stay those of the rule that asked, and its reason is kept: what is
    /// raised here is never less than it was.
    package func raised(
        _ decision: Decision, to approvers: Approvers, expires: Duration, reason: String, rule: Rule
    ) -> Decision {
        guard mode != .bypassPermissions else {
            if case .deny = decision { return decision }
            return .deny(reason: "\(reason), and nobody is asked in Unattended mode", rule: rule)
        }
        return switch decision {
        case .allow: .ask(approvers, expires: expires, reason: reason, rule: rule)
        case .ask(let approvers, let expires, let old, _):
            .ask(approvers, expires: expires, reason: "\(old); \(reason)", rule: rule)
        case .deny: decision
        }
    }
}

extension Rule {
    // None of these has a reach (`grants`), so no standing grant of a person answers them: they are about what the session
    // has touched by now.

    package static let ruleOfTwo = Rule(name: "rule of two")
    package static let untrustedAsks = Rule(name: "untrusted: ask")
    /// A destination that the requester did not name.
    package static let destinationProvenance = Rule(name: "destination provenance")
    /// Something of a private session on its way to people.
    package static let privateOutput = Rule(name: "private output")
}
