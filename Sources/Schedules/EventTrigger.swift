package import Model

/// What starts a task that has no time.
package enum EventTrigger: Hashable, Sendable {
    /// A signed request to the task's own address.
    case webhook
    /// A message in a channel that the pattern matches.
    case message(channel: ChannelID, pattern: MessagePattern)
    /// The end of another task's run, whose id this is.
    case task(String, outcomes: Set<Outcome>)

    package enum Outcome: String, Codable, CaseIterable, Sendable {
        case succeeded, failed
    }
}

/// Which messages are meant: `*` stands for any text, `?` for one character, the rest for itself in any case; anywhere in the text
/// unless it is anchored by what it says. No regular expression: those can take for ever, and whoever writes the message chooses it.
package struct MessagePattern: Hashable, Sendable, CustomStringConvertible {
    package static let largestLength = 200

    package let text: String
    private let pieces: [Character]

    /// - Throws: `ScheduleError` for a pattern that is empty, too long, or of `*` alone.
    package init(_ text: String) throws(ScheduleError) {
        guard (1...Self.largestLength).contains(text.count) else {
            throw ScheduleError("a pattern has 1 to \(Self.largestLength) characters")
        }
        guard text.contains(where: { $0 != "*" && $0 != "?" && !$0.isWhitespace }) else {
            throw ScheduleError("a pattern of * and ? alone matches every message; say what the message contains")
        }
        self.text = text
        pieces = Array(text.lowercased())
    }

    package var description: String { text }

    /// Linear in the message for a given pattern: it goes back only to its last `*`.
    package func matches(_ message: String) -> Bool {
        let pattern = ["*"] + pieces + ["*"]
        let subject = Array(message.lowercased())
        var (at, place, star, mark) = (0, 0, -1, 0)
        while place < subject.count {
            if at < pattern.count, pattern[at] == "*" {
                (star, mark) = (at, place)
                at += 1
            } else if at < pattern.count, pattern[at] == "?" || pattern[at] == subject[place] {
                at += 1
                place += 1
            } else if star >= 0 {
                mark += 1
                (at, place) = (star + 1, mark)
            } else {
                return false
            }
        }
        return pattern[at...].allSatisfy { $0 == "*" }
    }
}
