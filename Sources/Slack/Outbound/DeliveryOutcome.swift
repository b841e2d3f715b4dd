internal import SlackAPI
internal import Store

/// What became of a delivery that was tried.
enum DeliveryOutcome: Sendable, Hashable {
    /// `reference`: where its first part stands.
    case delivered(reference: String?)
    /// It may succeed later, as it is.
    case later(error: String, atLeast: Duration?)
    /// It never will. `sentence` says why, to people.
    case never(error: String, sentence: String)
    /// Nothing of anybody's will, until an operator has acted.
    case refused(sentence: String)
    /// The program is on its way out: the next start looks what there is.
    case brokenOff

    /// Whatever an attempt threw.
    init(_ error: any Error) {
        switch error {
        case is CancellationError:
            self = .brokenOff
        case let error as SlackError:
            self.init(error)
        case let error as StoreError where error.mayPass:
            self = .later(error: error.message, atLeast: nil)
        case let error as StoreError:
            self = .never(error: error.message, sentence: "something is wrong with how it is stored here")
        default:
            self = .later(error: "\(error)", atLeast: nil)
        }
    }

    private init(_ error: SlackError) {
        switch error.kind {
        case .transient, .unknownOutcome:
            self = .later(error: error.description, atLeast: error.retryAfter)
        case .auth where Self.isRefusal(error):
            self = .refused(sentence: error.description)
        case .auth:
            // Something beside the token that an operator can mend: this waits for it, and holds up nothing else.
            self = .later(error: error.description, atLeast: nil)
        case .permanent, .notThere:
            self = .never(error: error.description, sentence: Self.words[error.code] ?? error.message)
        }
    }

    /// Whether no other message will fare better.
    private static func isRefusal(_ error: SlackError) -> Bool {
        error.code == "missing_scope" ? error.method == "chat.postMessage" : !notTheToken.contains(error.code)
    }

    private static let notTheToken: Set<String> = [
        "no_permission", "access_denied", "not_enabled", "not_agent_app", "app_missing_action_url", "sign_in",
    ]

    /// For whoever asked, who is no operator.
    private static let words = [
        "thread_not_found": "the message it answers was deleted",
        "message_not_found": "the message it answers was deleted",
        "channel_not_found": "the channel is gone, or I was taken out of it",
        "not_in_channel": "I am not in the channel any more",
        "is_archived": "the channel was archived",
        "restricted_action": "I may not post in the channel",
    ]
}
