package import Model

/// What one call needs beyond what the policy says of its tool: the gate asks whoever `word` names even where the policy
/// allows, and never asks less than the policy would.
package struct ToolDemand: Hashable, Sendable {
    /// Whose word the call takes; the later contains the earlier.
    package enum Word: Int, Comparable, Sendable {
        /// The person the call is made for confirms it.
        case requester
        /// Somebody who administers this installation, the requester where it is one.
        case admin

        package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
    }

    /// What the question stands under, on cards and in the audit, as a rule's name does: `use of secrets`.
    package var rule: String
    /// `nil`: nobody's; the labels come all the same.
    package var word: Word?
    /// In words for whoever is asked, without a full stop: `it uses the secret deploy-key`.
    package var reason: String
    /// What the session has touched once this call ran.
    package var labels: Labels

    package init(rule: String, word: Word?, reason: String, labels: Labels = []) {
        self.rule = rule
        self.word = word
        self.reason = reason
        self.labels = labels
    }

    /// Whether who answered this one has said all that `other` takes.
    package func covers(_ other: ToolDemand) -> Bool {
        guard let needed = other.word else { return true }
        return word.map { $0 >= needed } ?? false
    }

    /// Both at once: the stricter word, every rule and reason, all labels.
    package func joined(with other: ToolDemand) -> ToolDemand {
        ToolDemand(
            rule: rule == other.rule ? rule : "\(rule), \(other.rule)",
            word: [word, other.word].compactMap(\.self).max(),
            reason: [reason, other.reason].filter { !$0.isEmpty }.joined(separator: "; "),
            labels: labels.union(other.labels))
    }
}
