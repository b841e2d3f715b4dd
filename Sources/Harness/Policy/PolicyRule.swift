import Model

/// One entry of `deny:` or `rules:`. A condition that is absent matches everything; one that is there is never empty.
struct PolicyRule: Sendable {
    enum Verdict: Hashable, Sendable {
        case allow, deny
        /// `nil`: the file's own time limit.
        case ask(Approvers, expires: Duration?)
    }

    var reference: Rule
    var verdict: Verdict
    var reason: String?
    var tools: [Glob]?
    var effects: Set<Effect>?
    var modes: Set<Mode>?
    var roles: Set<Role>?
    var channels: [Glob]?
    /// Names or ids in lower case: names differ in more than case, so that this is one person each.
    var requesters: Set<String>?

    func matches(_ question: PolicyQuestion) -> Bool {
        (tools?.contains { $0.matches(question.tool) } ?? true)
            && (effects?.contains(question.effect) ?? true)
            && modesMatch(question.mode)
            && (roles?.contains(question.role) ?? true)
            && (channels?.contains { $0.matches(question.channel.rawValue) } ?? true)
            && (requesters.map { people in
                people.contains(question.requester.rawValue) || people.contains(question.requesterName.lowercased())
            } ?? true)
    }

    /// A grant that does not say where holds in Standard and Unattended only: a person who tightens a conversation gets
    /// what the mode's name says.
    private func modesMatch(_ mode: Mode) -> Bool {
        if let modes { return modes.contains(mode) }
        return verdict != .allow || mode == .auto || mode == .bypassPermissions
    }
}

/// What the operator says about tools, over what they say of themselves. The first one that matches counts.
struct ToolOverride: Sendable {
    var tools: [Glob]
    var effect: Effect?
    var runsCommands: Bool?
    /// What a session has touched once it used the tool.
    var labels: Labels
    var deadline: Duration?
}
