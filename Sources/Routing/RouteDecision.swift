/// Which tier a turn starts with, and why.
package struct RouteDecision: Hashable, Sendable {
    /// One thing that moved the score, on the scale of log odds: up where positive.
    package struct Part: Hashable, Sendable {
        package var words: String
        package var shift: Double
    }

    package var tier: RouteTier
    /// 0 to 1, rising with the need of a strong model; never 0 or 1 itself.
    package var score: Double
    /// What moved the score, the strongest first.
    package var parts: [Part]
    /// Where the tier is not what the score alone says, why: in a sentence for people.
    package var note: String?
    package var text: TextFeatures
    package var session: SessionFeatures
    /// `RouterWeights.version` it was made by.
    package var version: Int

    /// In a sentence or two, for people.
    package var reason: String {
        let up = parts.filter { $0.shift > 0 }.prefix(3).map(\.words)
        let down = parts.filter { $0.shift < 0 }.prefix(3).map(\.words)
        var sentences: [String] = []
        if !up.isEmpty { sentences.append("Raised by \(up.joined(separator: ", ")).") }
        if !down.isEmpty { sentences.append("Lowered by \(down.joined(separator: ", ")).") }
        if sentences.isEmpty { sentences.append("Nothing stands out.") }
        if let note { sentences.append(note) }
        return sentences.joined(separator: " ")
    }
}
