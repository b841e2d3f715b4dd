/// What came of one attempt of the drill.
package struct DrillAttempt: Hashable, Sendable {
    /// Stable; unique in all groups.
    package var id: String
    package var group: String
    /// What was tried, in a sentence.
    package var title: String
    package var wasRefused: Bool
    /// `nil` where the attempt passes no door, and nobody could have seen it.
    package var wasAudited: Bool?
    /// Whether the same probe worked where it is allowed.
    package var control: Bool
    /// What was seen, for a person who looks for the reason.
    package var detail: String

    package init(
        id: String, group: String, title: String, wasRefused: Bool, wasAudited: Bool?, control: Bool, detail: String
    ) {
        self.id = id
        self.group = group
        self.title = title
        self.wasRefused = wasRefused
        self.wasAudited = wasAudited
        self.control = control
        self.detail = detail
    }

    package var isGreen: Bool { wasRefused && control && wasAudited != false }
}
