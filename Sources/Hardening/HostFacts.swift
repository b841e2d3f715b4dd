/// What this installation is made of and how it is set up, in words that can be compared: area, name, value.
package struct HostFacts: Sendable, Hashable {
    /// What a fact is about. Raw values stand in baselines on disk.
    package enum Area: String, CaseIterable, Sendable {
        /// Kind, mode and owner of a file.
        case file
        /// What is in a file: its SHA-256.
        case content
        /// Who a process runs as.
        case process
        case engine
        /// An image's identifier.
        case image
        case owners
        case setting
        /// What the policy says to a fixed set of questions.
        case policy
        /// Who may reach what outside.
        case egress
        /// Who may use which secret.
        case secret
    }

    package private(set) var values: [Area: [String: String]] = [:]

    package init() {}

    package subscript(area: Area, name: String) -> String? {
        get { values[area]?[name] }
        set { values[area, default: [:]][name] = newValue }
    }

    /// Every fact of `area`, by name.
    package subscript(area: Area) -> [String: String] {
        get { values[area] ?? [:] }
        set { values[area] = newValue }
    }

    package mutating func add(_ other: HostFacts) {
        for (area, facts) in other.values {
            values[area, default: [:]].merge(facts) { _, new in new }
        }
    }
}
