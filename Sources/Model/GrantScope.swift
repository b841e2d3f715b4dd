/// How far a person's yes reaches beyond the call it was asked about. Each contains the ones before it.
package enum GrantScope: String, Codable, CaseIterable, Comparable, Sendable {
    case conversation
    /// Every conversation of the channel: "always here".
    case channel

    /// Then people are asked again.
    package var lifetime: Duration {
        switch self {
        case .conversation: .seconds(30 * 86400)
        case .channel: .seconds(90 * 86400)
        }
    }

    package static func < (left: Self, right: Self) -> Bool { left == .conversation && right == .channel }
}
