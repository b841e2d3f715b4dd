/// How far a person's yes reaches beyond the call it was asked about. Each contains the ones before it.
package enum GrantScope: String, Codable, CaseIterable, Comparable, Sendable {
    case conversation
    /// Every conversation of the channel: "always here".
    case channel
    /// Everybody. No answer about a tool call reaches so far; one about a network address may.
    case company

    /// Then people are asked again.
    package var lifetime: Duration {
        switch self {
        case .conversation: .seconds(30 * 86400)
        case .channel, .company: .seconds(90 * 86400)
        }
    }

    package static func < (left: Self, right: Self) -> Bool { left.reach < right.reach }

    private var reach: Int {
        switch self {
        case .conversation: 0
        case .channel: 1
        case .company: 2
        }
    }
}
