import MCP
import TestSupport

/// What a whole installation shows in the simulated Slack.
extension SimulatedSlack {
    struct Answer {
        var text: String
        var thread: String
        /// What it answers.
        var question: String
    }

    /// What the app said in a channel and how often people asked there, once there are so many.
    func answers(in channel: String, atLeast count: Int) async throws -> [Answer] {
        var found: [Answer] = []
        try? await eventually("\(count) answers in \(channel)", within: .seconds(40)) {
            let messages = try await messages(channel)
            let questions = Set(messages.filter { $0["by"] == "person" }.compactMap { $0["ts"]?.stringValue })
            found = messages.filter { $0["by"] == "app" && !Self.isCard($0) }.map { message in
                let thread = message["thread_ts"]?.stringValue ?? ""
                return Answer(
                    text: message["text"]?.stringValue ?? "", thread: thread,
                    question: questions.contains(thread) ? thread : "")
            }
            return found.count >= count
        }
        return found
    }

    func reactions(in channel: String) async throws -> Int {
        try await messages(channel).reduce(0) { $0 + ($1["reactions"]?.objectValue?.count ?? 0) }
    }

    /// The first button whose action has that word in it, once there is one.
    func button(_ word: String, in channel: String) async throws -> (ts: String, action: String, value: String) {
        var found: (ts: String, action: String, value: String)?
        try await eventually("a button \(word) in \(channel)", within: .seconds(40)) {
            for message in try await messages(channel) {
                for element in Self.elements(of: message) {
                    guard let action = element["action_id"]?.stringValue, action.lowercased().contains(word),
                        let value = element["value"]?.stringValue, let ts = message["ts"]?.stringValue
                    else { continue }
                    found = found ?? (ts, action, value)
                }
            }
            return found != nil
        }
        guard let found else { throw Failure(message: "no button \(word) in \(channel)") }
        return found
    }

    private static func elements(of message: JSONValue) -> [JSONValue] {
        (message["blocks"]?.arrayValue ?? []).flatMap { $0["elements"]?.arrayValue ?? [] }
    }

    /// A question's, which has its approval in its metadata.
    private static func isCard(_ message: JSONValue) -> Bool {
        message["metadata"]?["event_type"] == "bulkhead_card"
    }
}
