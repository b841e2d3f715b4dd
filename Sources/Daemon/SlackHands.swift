internal import Conversations
internal import Logging
internal import MCP
internal import Model
internal import Slack
internal import SlackAPI
internal import SlackText

/// What people do in Slack that is nothing to keep: a Home tab opened, a reaction, the slash command. What is done for one is
/// done at once or not at all, and one person's keep nobody else's waiting.
struct SlackHands: Sendable {
    let home: SlackHome
    let assistant: SlackAssistant
    let answers: ThreadAnswers
    let directory: SlackDirectory
    let people: any SlackPeople
    let outbound: SlackOutbound
    let logger: Logger
    private let momentary = FairQueue<JSONValue>()

    /// Slack shows what a command answers for three seconds after it.
    private static let patience: Duration = .milliseconds(2_500)

    /// Of an `event_callback`; at once, and what is to be done is this one's.
    func accept(_ payload: JSONValue) {
        let event = payload["event"]
        let user = event?["user"]?.stringValue ?? event?["assistant_thread"]?["user_id"]?.stringValue ?? ""
        if !momentary.add(payload, of: user) {
            logger.warning("too much at a time of one account: it is let go", metadata: ["account": .string(user)])
        }
    }

    /// Until cancelled.
    func run() async {
        await momentary.run(parallel: 4) { payload in
            await assistant.take(payload)
            await home.take(payload)
            if let event = payload["event"] { await outbound.reacted(event) }
        }
    }

    /// `/bulkhead …`: what whoever typed it alone is to see.
    func command(_ payload: JSONObject) async -> JSONValue {
        let sentence: String
        do {
            guard let user = payload["user_id"]?.stringValue else { throw ChatError(.invalid, "Nobody asked this.") }
            let command = SlashCommand(payload["text"]?.stringValue ?? "")
            sentence = try await Deadline.within(Self.patience) { try await answer(command, of: directory.user(user)) }
        } catch let error as ChatError {
            sentence = error.message
        } catch is Deadline.Missed {
            sentence = "That takes longer than Slack waits. Please try again in a moment."
        } catch {
            logger.warning("a command in Slack failed", metadata: ["error": "\(error)"])
            sentence = "That did not work. Please try again in a moment."
        }
        let message = AnswerCards.notice(sentence)
        return ["response_type": "ephemeral", "text": .string(message.text), "blocks": .array(message.blocks)]
    }

    private func answer(_ command: SlashCommand, of user: SlackAccount) async throws -> String {
        if case .link(let code) = command {
            guard let code else { return "Say `/bulkhead link CODE`, with the code that `bulkhead people link` shows." }
            return try await people.link(user, by: code)
        }
        return try await answers.answer(command, for: people.person(of: user)) ?? ""
    }
}
