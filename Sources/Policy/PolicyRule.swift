package import Model

/// One entry of `deny:` or `rules:`. A condition that is absent matches everything; one that is there is never empty.
struct PolicyRule: Sendable {
    enum Verdict: Hashable, Sendable {
        case allow, deny
        /// `nil`: the file's own time limit.
        case ask(Approvers, expires: Duration?)
    }

    /// Where a conversation can be read.
    enum Place: String, CaseIterable, Sendable {
        /// By the requester alone.
        case direct
        case room
    }

    var reference: Rule
    var verdict: Verdict
    var reason: String?
    var tools: [Glob]?
    var effects: Set<Effect>?
    var arguments: [ArgumentCondition]
    var modes: Set<Mode>?
    var roles: Set<Role>?
    var channels: [Glob]?
    var places: Set<Place>?
    var requesters: People?
    /// All of them have to be there.
    var labels: Labels?
    var when: TimeWindow?

    /// Whether this rule is the one to decide: a grant where all is known to match, a restriction unless something is
    /// known not to.
    func applies(to question: PolicyQuestion) -> Bool {
        guard matchesCircumstances(question) else { return false }
        let match = arguments.reduce(.yes) { $0 && $1.match(question.arguments) }
        return verdict == .allow ? match == .yes : match != .no
    }

    private func matchesCircumstances(_ question: PolicyQuestion) -> Bool {
        (tools?.contains { $0.matches(question.tool) } ?? true)
            && (effects?.contains(question.effect) ?? true)
            && modesMatch(question.mode)
            && (roles?.contains(question.role) ?? true)
            && (channels?.contains { $0.matches(question.channel.rawValue) } ?? true)
            && (places?.contains(question.audience == .requesterOnly ? .direct : .room) ?? true)
            && (requesters?.contains(question.requester, named: question.requesterName) ?? true)
            && (labels.map { question.labels.isSuperset(of: $0) } ?? true)
            && (when?.contains(question.time) ?? true)
    }

    /// A grant that does not say where holds in Standard and Unattended only: a person who tightens a conversation gets
    /// what the mode's name says.
    private func modesMatch(_ mode: Mode) -> Bool {
        if let modes { return modes.contains(mode) }
        return verdict != .allow || mode == .auto || mode == .bypassPermissions
    }
}

/// People by name or id, in lower case. A name is the operator's word for somebody; what people call themselves on a surface
/// (`PersonName.isChosen`) is nobody's name here, and whoever is known by that alone is meant by id.
struct People: Hashable, Sendable {
    private var entries: Set<String>

    init(_ names: some Sequence<String>) {
        entries = Set(names.map { $0.lowercased() })
    }

    mutating func formUnion(_ others: People) {
        entries.formUnion(others.entries)
    }

    var sorted: [String] { entries.sorted() }

    func contains(_ person: PersonID, named name: String) -> Bool {
        entries.contains(person.rawValue) || !PersonName.isChosen(name) && entries.contains(name.lowercased())
    }
}

/// What the operator says about tools, over what they say of themselves. The first one that matches counts.
package struct ToolOverride: Sendable {
    var tools: [Glob]
    package var effect: Effect?
    package var runsCommands: Bool?
    /// What a session has touched once it used the tool.
    package var labels: Labels
    package var deadline: Duration?
}
