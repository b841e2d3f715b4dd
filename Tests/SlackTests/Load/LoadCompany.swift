import MCP
import TestSupport

/// Two hundred people in forty channels, and what they say in ten minutes: always the same.
struct LoadCompany: Sendable {
    struct Act: Sendable {
        /// Seconds from the beginning.
        var at: Double
        var user: String
        var channel: String
        var text: String
        /// Which question's thread it is said in; `nil`: at top level.
        var thread: String?
        /// By which its answer is known; `nil` for what is not for the assistant.
        var question: String?
    }

    static let people = 200
    static let channels = 40

    let acts: [Act]

    init(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var acts: [Act] = []
        for number in 0..<Self.people {
            let (user, channel) = ("p\(number)", "c\(number % Self.channels)")
            let neighbour = "p\((number + Self.channels) % Self.people)"
            let root = "q\(number).0"
            let start = Double.random(in: 5...480, using: &random)
            let second = start + Double.random(in: 1...40, using: &random)
            let third = second + Double.random(in: 8...60, using: &random)
            let isShared = number % 4 == 0
            acts.append(Act(at: start, user: user, channel: channel, text: "@helper \(root) please", question: root))
            acts.append(
                Act(
                    at: second, user: user, channel: channel, text: "and q\(number).1", thread: root,
                    question: "q\(number).1"))
            if isShared {
                acts.append(
                    Act(
                        at: second + 3, user: neighbour, channel: channel, text: "I wonder too x\(number)",
                        thread: root))
            }
            // Once others are there, it takes a mention.
            acts.append(
                Act(
                    at: third, user: user, channel: channel,
                    text: (isShared ? "@helper " : "") + "then q\(number).2", thread: root,
                    question: "q\(number).2"))
            if number % 10 == 0 {
                acts.append(
                    Act(
                        at: start + 20, user: user, channel: "dm:\(user)", text: "alone q\(number).3",
                        question: "q\(number).3"))
            }
        }
        self.acts = acts.sorted { $0.at < $1.at }
    }

    static var world: JSONObject {
        let names = (0..<people).map { "p\($0)" }
        return [
            "users": .array(names.map { .string($0) }), "apps": [["name": "helper", "commands": ["/helper"]]],
            "channels": .array(
                (0..<channels).map { number in
                    [
                        "name": "c\(number)", "apps": ["helper"],
                        "members": .array(
                            names.indices.filter { $0 % channels == number }.map { .string(names[$0]) }),
                    ]
                }),
        ]
    }
}
