/// What the session adds to the score, on the scale of log odds. Chosen by hand: there is no public data to learn it from.
/// Each is small beside the text's own features, and bounded whatever the counts.
struct SessionEffect: Sendable {
    var words: String
    var shift: Double

    static func all(_ session: SessionFeatures) -> [SessionEffect] {
        [
            SessionEffect(words: "files attached", shift: 0.25 * saturating(session.attachments, to: 4)),
            SessionEffect(words: "a long conversation", shift: 0.15 * saturating(session.depth / 6, to: 4)),
            SessionEffect(words: "many tool calls so far", shift: 0.15 * saturating(session.toolCalls / 5, to: 4)),
            SessionEffect(words: "tool calls that failed", shift: 0.4 * saturating(session.failedCalls, to: 4)),
            SessionEffect(words: "read by a whole room", shift: session.place == .room ? 0.1 : 0),
            SessionEffect(
                words: "scheduled work starts cheap", shift: session.task == .scheduled ? -1.0 : 0),
            SessionEffect(
                words: "was tried and checked before", shift: session.task == .preflighted ? -2.0 : 0),
        ]
    }

    /// 0, 1, … and no more than `most`.
    private static func saturating(_ count: Int, to most: Int) -> Double { Double(max(0, min(count, most))) }
}
