/// What the drill tries, by the wall it tries it at.
package enum DrillGroup: String, CaseIterable, Sendable {
    case network, egress, container, model, resources, tenant, secrets

    package var title: String {
        switch self {
        case .network: "Ways out past every door"
        case .egress: "What the egress door reads and lets through"
        case .container: "Ways out of the container"
        case .model: "What the model door lets through"
        case .resources: "What one sandbox can take"
        case .tenant: "Another session's things"
        case .secrets: "Keys and secrets"
        }
    }
}

/// One thing that is tried, before it is.
package struct DrillTrial: Hashable, Sendable {
    /// Stable; its group's name and a dot come first.
    package var id: String
    package var group: DrillGroup
    /// In a few words, as they stand in the table.
    package var title: String
    /// Whether it passes a door, and so has to stand in the audit.
    package var passesDoor: Bool

    package init(_ group: DrillGroup, _ name: String, _ title: String, passesDoor: Bool = false) {
        id = "\(group.rawValue).\(name)"
        self.group = group
        self.title = title
        self.passesDoor = passesDoor
    }

    /// What came of it.
    package func attempt(refused: Bool, audited: Bool? = nil, control: Bool, detail: String) -> DrillAttempt {
        DrillAttempt(
            id: id, group: group.rawValue, title: title, wasRefused: refused,
            // Where it should have been on record, not to know is not to have seen it.
            wasAudited: passesDoor ? audited ?? false : nil, control: control, detail: detail)
    }

    /// Of one that could not even be tried.
    package func failed(_ reason: String) -> DrillAttempt {
        attempt(refused: false, audited: false, control: false, detail: reason)
    }
}
