internal import Conversations
package import Logging
package import Model

/// Runs what a Slack user asked for as the person they are, and tells them, alone, what was wrong.
package struct ClickAnswers: Sendable {
    let slack: any SlackCardPlace
    /// The person a Slack user is; `nil` for those whom nobody knows.
    let person: @Sendable (String) async throws -> PersonID?
    let logger: Logger

    package init(
        slack: any SlackCardPlace, logger: Logger, person: @escaping @Sendable (String) async throws -> PersonID?
    ) {
        self.slack = slack
        self.logger = logger
        self.person = person
    }

    func act(
        _ user: String, at address: SlackAddress?, _ body: @Sendable (PersonID) async throws -> Void
    ) async {
        let sentence: String
        do {
            if let person = try await person(user) { return try await body(person) }
            sentence = "I do not know who you are here, so nothing was done. An admin can let you in."
        } catch let error as ChatError {
            sentence = error.message
        } catch {
            logger.warning("a click in Slack failed", metadata: ["error": "\(error)"])
            sentence = "That did not work, and it is not known why. Please try again."
        }
        do {
            try await slack.tell(sentence, user: user, at: address)
        } catch {
            logger.warning("a click in Slack could not be answered", metadata: ["error": "\(error)"])
        }
    }

    /// What came back from Slack names something of ours, or nothing.
    static func id<Kind>(_ text: String) throws -> Identifier<Kind> {
        guard let id = Identifier<Kind>(text) else {
            throw ChatError(.notFound, "This button is for nothing that is here.")
        }
        return id
    }
}
