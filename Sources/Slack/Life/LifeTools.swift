internal import Conversations
internal import Logging
internal import Model
internal import SlackAPI
internal import Store
internal import Synchronization

/// What all signs of life share.
final class LifeTools: Sendable {
    let database: Database
    let slack: any SlackSending
    let hub: EventHub
    let settings: LifeSettings
    let time: SlackTime
    let logger: Logger
    let face: DeliveryTools.Face
    let budget = CallBudget()
    /// What this workspace turned out not to let us do, until the next start.
    private let missing = Mutex<Set<CallBudget.Kind>>([])

    init(
        database: Database, slack: any SlackSending, hub: EventHub, settings: LifeSettings, time: SlackTime,
        logger: Logger, face: @escaping DeliveryTools.Face = { _ in nil }
    ) {
        self.database = database
        self.slack = slack
        self.hub = hub
        self.settings = settings
        self.time = time
        self.logger = logger
        self.face = face
    }

    func has(_ kind: CallBudget.Kind) -> Bool { !missing.withLock { $0.contains(kind) } }

    /// Not asked for again where it is the workspace's or the app's no; a place's or a person's holds for that one alone.
    func note(_ error: any Error, of kind: CallBudget.Kind) {
        logger.debug("a sign of life failed", metadata: ["kind": "\(kind)", "error": "\(error)"])
        guard let error = error as? SlackError, error.kind == .auth || error.code == "unknown_method" else { return }
        missing.withLock { _ = $0.insert(kind) }
    }
}
