internal import Conversations
package import Logging
internal import MCP
package import Model
internal import SlackAPI
internal import Store

/// Runs what a Slack user asked for as the person they are, and tells them, alone, what was wrong.
package struct ClickAnswers: Sendable {
    let slack: any SlackCardPlace
    /// The person a Slack user is; `nil` for those whom nobody knows.
    let person: @Sendable (String) async throws -> PersonID?
    let time: SlackTime
    let logger: Logger

    package init(
        slack: any SlackCardPlace, time: SlackTime = .system, logger: Logger,
        person: @escaping @Sendable (String) async throws -> PersonID?
    ) {
        self.slack = slack
        self.time = time
        self.logger = logger
        self.person = person
    }

    /// Throws what is no fault of what was asked for, so that it may be tried again: Slack, or the store, is down.
    /// `isRepeated`: it was begun before, so that what was done then is no news.
    func act(
        _ user: String, at address: SlackAddress?, isRepeated: Bool = false,
        _ body: @Sendable (PersonID) async throws -> Void
    ) async throws {
        let sentence: String
        do {
            if let person = try await person(user) { return try await body(person) }
            sentence = "I do not know who you are here, so nothing was done. An admin can let you in."
        } catch let error as ChatError {
            if isRepeated, error.code == .conflict { return }
            sentence = error.message
        } catch  where PassingFault.isOne(error) || error is CancellationError {
            throw error
        } catch {
            logger.warning("a click in Slack failed", metadata: ["error": "\(error)"])
            sentence = "That did not work, and it is not known why. Please try again."
        }
        await tell(sentence, user, at: address)
    }

    func tell(_ sentence: String, _ user: String, at address: SlackAddress?) async {
        do {
            try await slack.tell(sentence, user: user, at: address)
        } catch {
            logger.warning("a click in Slack could not be answered", metadata: ["error": "\(error)"])
        }
    }

    /// Opens a modal while Slack still takes the trigger; throws `ChatError` where none opened.
    func open(_ view: JSONValue, by trigger: SlackTrigger) async throws {
        let left = SlackTrigger.patience - time.now().duration(since: trigger.received)
        guard left > .zero else { throw Self.late }
        do {
            try await Deadline.within(left, time) { [slack] in try await slack.open(view, trigger: trigger.id) }
        } catch is CancellationError {
            throw CancellationError()
        } catch {
            logger.warning("a window did not open", metadata: ["error": "\(error)"])
            throw Self.late
        }
    }

    static let late = ChatError(
        .invalid, "The window for this did not open within the three seconds that Slack gives. Please click again.")

    /// What came back from Slack names something of ours, or nothing.
    static func id<Kind>(_ text: String) throws -> Identifier<Kind> {
        guard let id = Identifier<Kind>(text) else { throw nothing }
        return id
    }

    static let nothing = ChatError(.notFound, "This button is for nothing that is here.")
}

/// Errors that are no fault of what was being done.
enum PassingFault {
    static func isOne(_ error: any Error) -> Bool {
        switch error {
        case let error as SlackError: [.transient, .auth, .unknownOutcome].contains(error.kind)
        case let error as StoreError: error.mayPass
        default: false
        }
    }
}
