package import MCP

/// One line of what was looked at: how it is, how it should be, and what to do.
package struct Drift: Sendable, Hashable {
    package enum State: String, Sendable {
        case ok
        /// A weakness the operator can live with, or has accepted.
        case warn
        /// Changed since the baseline, or wrong whatever was accepted.
        case fail
    }

    package var state: State
    package var subject: String
    package var fact: String
    package var expected: String?
    package var found: String?
    /// When it became so, where that can be known (RFC 3339).
    package var since: String?
    package var advice: String

    package init(
        _ state: State, _ subject: String, _ fact: String, expected: String? = nil, found: String? = nil,
        since: String? = nil, advice: String = ""
    ) {
        self.state = state
        self.subject = subject
        self.fact = fact
        self.expected = expected
        self.found = found
        self.since = since
        self.advice = advice
    }

    package var json: JSONObject {
        [
            "state": .string(state.rawValue), "subject": .string(subject), "fact": .string(fact),
            "expected": expected.map { .string($0) } ?? .null, "found": found.map { .string($0) } ?? .null,
            "since": since.map { .string($0) } ?? .null, "advice": .string(advice),
        ]
    }
}
