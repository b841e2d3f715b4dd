internal import Conversations
internal import Logging
internal import MCP
internal import Model
internal import Slack
internal import SlackAPI
internal import SlackText

/// What people do in Slack beside speaking: buttons, modals, reactions, the slash command. Slack wants an answer to each
/// within three seconds and does not repeat them: what a click means is done after that, and a lost one can be given again.
struct SlackHands: Sendable {
    let approvals: SlackApprovals
    let admissions: SlackAdmissions
    let buttons: SlackButtons
    /// What people do with the buttons under answers.
    let rated: SlackAnswers
    let home: SlackHome
    let assistant: SlackAssistant
    let asking: SlackAsking
    let answers: ThreadAnswers
    let directory: SlackDirectory
    let people: any SlackPeople
    let outbound: SlackOutbound
    let logger: Logger
    private let queue: AsyncStream<JSONValue>
    private let submit: AsyncStream<JSONValue>.Continuation

    /// More at a time are let go: whoever clicked sees that nothing happened.
    private static let waiting = 500

    init(
        approvals: SlackApprovals, admissions: SlackAdmissions, buttons: SlackButtons, rated: SlackAnswers,
        home: SlackHome,
        assistant: SlackAssistant, asking: SlackAsking, answers: ThreadAnswers, directory: SlackDirectory,
        people: any SlackPeople, outbound: SlackOutbound, logger: Logger
    ) {
        (self.admissions, self.home, self.assistant, self.asking) = (admissions, home, assistant, asking)
        (self.approvals, self.buttons, self.rated, self.answers) = (approvals, buttons, rated, answers)
        (self.directory, self.people, self.outbound, self.logger) = (directory, people, outbound, logger)
        (queue, submit) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.waiting))
    }

    /// At once; what is to be done is this one's.
    func accept(_ payload: JSONValue) {
        if case .dropped = submit.yield(payload) {
            logger.warning("too many clicks at a time: one is let go")
        }
    }

    /// In the order they came, until cancelled.
    func run() async {
        for await payload in queue {
            for click in SlackClick.all(in: payload) {
                await approvals.clicked(click)
                await buttons.clicked(click)
                await rated.clicked(click)
                await admissions.clicked(click)
                await home.clicked(click)
            }
            if let denial = SlackDenial(payload) { await approvals.denied(denial) }
            if let form = SlackFeedbackForm(payload) { await rated.submitted(form) }
            await asking.take(payload)
            await assistant.take(payload)
            // After what was done in it.
            await home.take(payload)
            if let event = payload["event"] { await outbound.reacted(event) }
        }
    }

    /// `/bulkhead …`: what whoever typed it alone is to see.
    func command(_ payload: JSONObject) async -> JSONValue {
        let sentence: String
        do {
            guard let user = payload["user_id"]?.stringValue else { throw ChatError(.invalid, "Nobody asked this.") }
            sentence = try await answer(SlashCommand(payload["text"]?.stringValue ?? ""), of: directory.user(user))
        } catch let error as ChatError {
            sentence = error.message
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
