/// Why a schedule, a time zone or a time is refused, in a sentence that says what is allowed.
package struct ScheduleError: Error, Equatable, Sendable, CustomStringConvertible {
    /// For people and for the agent alike; holds no secret, and of what was sent at most a quoted excerpt.
    package let message: String

    package init(_ message: String) {
        self.message = message
    }

    package var description: String { message }

    /// `text` as it may stand in a message: shortened, and with nothing in it that a terminal would obey.
    static func quoted(_ text: some StringProtocol) -> String {
        let shown = text.unicodeScalars.prefix(40).map { scalar in
            (0x20..<0x7F).contains(scalar.value) ? String(Character(scalar)) : "?"
        }
        return "“" + shown.joined() + (text.unicodeScalars.count > 40 ? "…" : "") + "”"
    }
}
