internal import Model

/// The operator's rules as one value. `evaluate` is a pure function of it and the question.
package struct Policy: Sendable {
    /// SHA-256 of the file's bytes, in every audit row.
    package let digest: [UInt8]
    let denials: [PolicyRule]
    let rules: [PolicyRule]
    let tools: [ToolOverride]
    package let expires: Duration
    package let redaction: Redaction

    package var denialCount: Int { denials.count }
    package var ruleCount: Int { rules.count }

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
        switch decision {
        case .allow where question.labels.isSuperset(of: [.untrusted, .private]) && question.effect == .external:
            let rule = Rule(name: "rule of two")
            let reason = "this conversation has seen both outside content and private data"
            return question.mode == .bypassPermissions
                ? .deny(reason: reason + ", and runs unattended", rule: rule)
                : .ask(.requester, expires: expires, reason: reason, rule: rule)
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
        func ask(_ reason: String) -> Decision {
            .ask(.requester, expires: expires, reason: reason, rule: rule)
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
                ? .allow(rule: .readOnlyCommand) : ask("it runs a command that may change something")
        case (.auto, .read), (.auto, .write): return .allow(rule: rule)
        case (.auto, .destructive), (.acceptEdits, .destructive): return ask("it cannot be undone")
        case (.auto, .external), (.acceptEdits, .external): return ask("others will see or feel it")
        }
    }
}
