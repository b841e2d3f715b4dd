internal import Model

/// The operator's rules as one value. `evaluate` is a pure function of it and the question.
package struct Policy: Sendable {
    /// SHA-256 of the file's bytes, in every audit row.
    package let digest: [UInt8]
    let denials: [PolicyRule]
    let rules: [PolicyRule]
    let tools: [ToolOverride]
    /// How long people have to answer, where a rule does not say.
    package let expires: Duration
    /// What may be done about an external effect of a session that has seen both outside content and private data.
    let ruleOfTwo: RuleOfTwo
    /// Whether external effects of a session with outside content are asked about even where a rule allows them.
    let asksUntrusted: Bool
    package let personalFolder: PersonalFolder
    /// What counts as outside content.
    package let sources: Sources
    package let redaction: Redaction
    /// What sandboxes may reach over the network.
    package let egress: EgressRules

    package var denialCount: Int { denials.count }
    package var ruleCount: Int { rules.count }

    /// Who is named in `approvers`, groups included, by rule: whether there is such a person is not the file's to know.
    package var namedApprovers: [(rule: Rule, names: [String])] {
        rules.compactMap { rule in
            guard case .ask(let approvers, _) = rule.verdict, case .named(let people, _) = approvers.who else {
                return nil
            }
            return (rule.reference, people.sorted)
        }
    }

    /// The first entry of `tools` that matches.
    package func override(for tool: String) -> ToolOverride? {
        tools.first { $0.tools.contains { $0.matches(tool) } }
    }

    /// Hard denials first, then the first rule that matches, then the mode's own table; and over whatever allows, the
    /// rule of two.
    package func evaluate(_ question: PolicyQuestion) -> Decision {
        if let denial = denials.first(where: { $0.applies(to: question) }) {
            return .deny(reason: denial.reason ?? "the policy forbids it", rule: denial.reference)
        }
        let decision = ruleDecision(question) ?? modeDecision(question)
        let isExternal = question.effect == .external
        let hasBoth = question.labels.isSuperset(of: [.untrusted, .private])
        let rule = Rule.ruleOfTwo
        let reason = "this conversation has seen both outside content and private data"
        switch decision {
        case .allow where isExternal && hasBoth, .ask where isExternal && hasBoth && ruleOfTwo == .deny:
            return question.mode == .bypassPermissions || ruleOfTwo == .deny
                ? .deny(
                    reason: reason + (ruleOfTwo == .deny ? "" : ", and runs unattended"), rule: rule)
                : .ask(.requester, expires: expires, reason: reason, rule: rule)
        case .allow where isExternal && asksUntrusted && question.labels.contains(.untrusted):
            return question.raised(
                decision, to: .requester, expires: expires, reason: "this conversation contains outside content",
                rule: .untrustedAsks)
        case .ask(_, _, let reason, let rule) where question.mode == .bypassPermissions:
            return .deny(reason: "\(reason), and nobody is asked in Unattended mode", rule: rule)
        default: return decision
        }
    }

    private func ruleDecision(_ question: PolicyQuestion) -> Decision? {
        guard let rule = rules.first(where: { $0.applies(to: question) }) else { return nil }
        return switch rule.verdict {
        case .allow: .allow(rule: rule.reference)
        case .deny: .deny(reason: rule.reason ?? "the policy forbids it", rule: rule.reference)
        case .ask(let approvers, let expires):
            .ask(
                approvers, expires: expires ?? self.expires, reason: rule.reason ?? "the policy wants it confirmed",
                rule: rule.reference)
        }
    }

    /// The modes of the architecture, exactly. Every pair of mode and effect stands here, so that a new one does not
    /// compile until it is decided.
    private func modeDecision(_ question: PolicyQuestion) -> Decision {
        let rule = Rule(name: "\(question.mode.title) mode")
        func ask(_ reason: String, grants: GrantScope) -> Decision {
            .ask(.requester, expires: expires, reason: reason, rule: Rule(name: rule.name, grants: grants))
        }
        switch (question.mode, question.effect) {
        case (.readOnly, .read): return .allow(rule: rule)
        case (.readOnly, .write), (.readOnly, .destructive), (.readOnly, .external):
            return .deny(reason: "this conversation is read only", rule: rule)
        case (.bypassPermissions, .read), (.bypassPermissions, .write), (.bypassPermissions, .destructive),
            (.bypassPermissions, .external):
            return .allow(rule: rule)
        case (.acceptEdits, .read), (.acceptEdits, .write):
            guard question.runsCommands else { return .allow(rule: rule) }
            return ReadOnlyCommand.isProven(question.arguments)
                ? .allow(rule: .readOnlyCommand)
                : ask("it runs a command that may change something", grants: .conversation)
        case (.auto, .read), (.auto, .write): return .allow(rule: rule)
        case (.auto, .destructive), (.acceptEdits, .destructive):
            return ask("it cannot be undone", grants: .conversation)
        case (.auto, .external), (.acceptEdits, .external):
            return ask("others will see or feel it", grants: .channel)
        }
    }
}
