package import MCP

/// What came of a drill. Green only where every attempt is: one that was not tried proves nothing.
package struct DrillReport: Sendable {
    package let attempts: [DrillAttempt]
    package let duration: Duration
    /// What the drill left behind and could not remove, in words for the operator; empty where nothing.
    package let left: [String]

    package init(attempts: [DrillAttempt], duration: Duration, left: [String] = []) {
        self.attempts = attempts
        self.duration = duration
        self.left = left
    }

    package var failures: [DrillAttempt] { attempts.filter { !$0.isGreen } }
    package var isGreen: Bool { !attempts.isEmpty && failures.isEmpty && left.isEmpty }

    package var json: JSONObject {
        [
            "attempts": .array(attempts.map { .object($0.json) }), "verdict": isGreen ? "held" : "broken",
            "seconds": .double(
                Double(duration.components.seconds)
                    + Double(duration.components.attoseconds / 1_000_000_000_000_000) / 1000),
            "left": .array(left.map { .string($0) }),
        ]
    }
}

extension DrillAttempt {
    package var json: JSONObject {
        [
            "id": .string(id), "group": .string(group), "refused": .bool(wasRefused),
            "audited": wasAudited.map { .bool($0) } ?? .null, "control": .bool(control), "title": .string(title),
            "detail": .string(detail),
        ]
    }
}
