package import Model
package import NetworkRules

extension EgressRules {
    /// By name, before anything is resolved: whether `subject` may reach `target`. A pure function of all it is given.
    ///
    /// Private sessions reach nothing; then denials; then the file's allowances and what was granted, of which one has to
    /// name the place. `method` nil: a tunnel, into which nobody looks.
    package func decide(
        _ target: Authority, method: String? = nil, path: String? = nil, for subject: EgressSubject,
        grants: [EgressGrant], at now: Timestamp
    ) -> EgressDecision {
        if let refusal = refusal(target, subject) { return refusal }
        var isNamed = false
        for (entry, rule) in entries(for: subject, grants: grants, at: now) {
            if entry.matches(target, method: method, path: path) {
                return .allow(rule: rule, allowsUnnamedTLS: entry.allowsUnnamedTLS)
            }
            isNamed = isNamed || entry.domain.matches(target.host)
        }
        return .refuse(reason: Self.missing(target, isNamed: isNamed, isTunnel: method == nil), rule: nil)
    }

    /// A command that runs apart: to `entries`, the hosts of its secrets, and nowhere else.
    package func decide(
        _ target: Authority, method: String? = nil, path: String? = nil, for subject: EgressSubject,
        only entries: [EgressEntry]
    ) -> EgressDecision {
        if let refusal = refusal(target, subject) { return refusal }
        guard let entry = entries.first(where: { $0.matches(target, method: method, path: path) }) else {
            return .refuse(
                reason: "\(target) is none of the places the secrets of this command are for.", rule: nil)
        }
        return .allow(rule: "hosts of its secrets", allowsUnnamedTLS: entry.allowsUnnamedTLS)
    }

    /// Whether a door is worth opening: something is granted to `subject`, and it may use it.
    package func grantsAnything(to subject: EgressSubject, grants: [EgressGrant], at now: Timestamp) -> Bool {
        !subject.labels.contains(.private) && !entries(for: subject, grants: grants, at: now).isEmpty
    }

    /// Everything that holds for `subject`, with the rule by which it does: the file's in its order, then the grants.
    package func entries(
        for subject: EgressSubject, grants: [EgressGrant], at now: Timestamp
    ) -> [(entry: EgressEntry, rule: String)] {
        let isGuest = subject.role == .guest && !guestsAreCompany
        var entries: [(EgressEntry, String)] = []
        for allowance in allowances where allowance.circumstances.match(subject) {
            // A rule for everybody means the company's own people.
            if isGuest, allowance.circumstances.roles == nil { continue }
            entries += allowance.entries.map { ($0, allowance.rule.text) }
        }
        for grant in grants where grant.holds(for: subject, isGuest: isGuest, at: now) {
            entries.append((grant.entry, grant.rule))
        }
        return entries
    }

    /// What no grant overrides.
    private func refusal(_ target: Authority, _ subject: EgressSubject) -> EgressDecision? {
        if subject.labels.contains(.private) { return .refuse(reason: Self.privateReason, rule: Self.privateRule) }
        guard let denial = denials.first(where: { $0.applies(to: target, subject) }) else { return nil }
        return .refuse(reason: denial.words(for: "\(target)"), rule: denial.rule.text)
    }

    /// Why all of `entry` is denied to `subject`, whatever is granted; `nil` where something of it may be granted.
    package func denial(of entry: EgressEntry, for subject: EgressSubject) -> String? {
        let ports = entry.ports.isEmpty ? [80, 443] : entry.ports
        return denials.first { denial in
            denial.circumstances.match(subject)
                && denial.domains.contains {
                    EgressEntry(domain: $0, ports: ports).contains(EgressEntry(domain: entry.domain, ports: ports))
                }
                && (denial.ports.isEmpty || denial.ports.isSuperset(of: ports))
        }?.words(for: "\(entry.domain)")
    }

    package static let privateRule = "private: no egress"
    package static let privateReason =
        "This session is private: it has seen the requester's own files or answers, and what has seen those reaches no "
        + "network. Do this part in a conversation that has not opened the personal folder."

    private static func missing(_ target: Authority, isNamed: Bool, isTunnel: Bool) -> String {
        guard isNamed else {
            return
                "\(target) is not granted to this session. Ask for it with the tool egress_request; an admin decides."
        }
        return "\(target.host) is granted to this session, but not "
            + (isTunnel ? "port \(target.port), or not for encrypted connections" : "this port, method or path")
            + ". Ask for what is missing with the tool egress_request; an admin decides."
    }
}

extension EgressRules.Denial {
    fileprivate func words(for place: String) -> String {
        "\(place) is denied by the operator's policy" + (reason.map { ": \($0)" } ?? "")
            + ". No grant changes that; do without it."
    }

    fileprivate func applies(to target: Authority, _ subject: EgressSubject) -> Bool {
        domains.contains { $0.matches(target.host) } && (ports.isEmpty || ports.contains(target.port))
            && circumstances.match(subject)
    }
}

extension EgressGrant {
    fileprivate func holds(for subject: EgressSubject, isGuest: Bool, at now: Timestamp) -> Bool {
        if let expires, expires <= now { return false }
        return switch scope {
        case .company: !isGuest
        case .channel(let channel): channel == subject.channel
        case .person(let person): person == subject.requester
        case .session(let session): session == subject.session
        }
    }
}
