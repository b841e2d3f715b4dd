internal import MCP

/// What one check found, and what to do about it.
package struct Finding: Sendable, Hashable {
    package enum State: String, Sendable {
        case ok, warn, fail
    }

    package var state: State
    /// What was looked at: "Docker Engine".
    package var subject: String
    package var fact: String
    /// Empty where there is nothing to do.
    package var advice: String

    package init(_ state: State, _ subject: String, _ fact: String, advice: String = "") {
        self.state = state
        self.subject = subject
        self.fact = fact
        self.advice = advice
    }

    package func lines(width: Int) -> [StyledLine] {
        let head: StyledLine =
            switch state {
            case .ok: StyledLine("ok    ", .green)
            case .warn: StyledLine("warn  ", [.bold, .yellow])
            case .fail: StyledLine("fail  ", [.bold, .red])
            }
        let indent = StyledLine(String(repeating: " ", count: 24))
        let subject = StyledLine(self.subject, .bold).padded(to: 16) + StyledLine("  ")
        let first = (head + subject + StyledLine(fact)).wrapped(to: width, indent: indent)
        guard !advice.isEmpty else { return first }
        return first + (indent + StyledLine("→ " + advice)).wrapped(to: width, indent: indent + StyledLine("  "))
    }

    var json: JSONValue {
        .object([
            "state": .string(state.rawValue), "subject": .string(subject), "fact": .string(fact),
            "advice": .string(advice),
        ])
    }
}
