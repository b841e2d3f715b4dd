internal import Audit
internal import Conversations
internal import Logging
internal import MCP
internal import Model
internal import Scheduler
internal import Store

/// The scheduler's hands: runs are turns of conversations, and what becomes of tasks is on record.
struct TaskTurns: TaskRunner {
    let database: Database
    let audit: AuditLog
    let limits: Reloadable<SchedulerLimits>
    let logger: Logger
    /// Which have the tools for tasks, and so are made after this.
    private let service = Reloadable<ConversationService?>(nil)

    init(database: Database, audit: AuditLog, limits: Reloadable<SchedulerLimits>, logger: Logger) {
        self.database = database
        self.audit = audit
        self.limits = limits
        self.logger = logger
    }

    /// To be called once, before anything runs.
    func work(with conversations: ConversationService) {
        service.replace(with: conversations)
    }

    private var conversations: ConversationService {
        get throws {
            guard let conversations = service.current else { throw StartError("The tasks have no conversations yet.") }
            return conversations
        }
    }

    func hasRoom() async -> Bool { await (try? conversations)?.hasRoomForTasks ?? false }

    func obstacle(to task: TaskRecord) async -> String? {
        guard let conversations = try? conversations else { return "Bulkhead is starting" }
        return await conversations.obstacle(to: task.owner, in: task.content.channel)
    }

    func screened(_ text: String, of task: TaskRecord) async throws -> String {
        try await conversations.screened(task: text, of: task.owner, in: task.content.channel)
    }

    func check(_ script: String, of task: TaskRecord) async throws -> String {
        let place: ConversationID
        if let workshop = task.workshop {
            place = workshop
        } else {
            place = try await database.createConversation(
                titled: "Checks of \(task.content.name)", in: task.content.channel, mode: task.content.mode)
            try await database.setWorkshop(place, of: task.id)
        }
        return try await conversations.check(
            script, for: task.owner, in: place, task: task, time: limits.current.checkTime,
            limit: limits.current.checkBytes)
    }

    /// Where there is nobody yet, the next start finds it in the inbox.
    func takeUp(_ message: MessageRecord) async { await (try? conversations)?.takeUp(message) }

    func end(_ run: TaskRunRecord, reason: String) async {
        guard let message = run.message, let conversation = run.conversation else { return }
        await (try? conversations)?.endTurn(of: message, in: conversation, reason: reason)
    }

    func tell(_ owner: PersonID, _ text: String) async {
        do {
            try await conversations.tell(owner, title: "Your tasks", text: text)
        } catch {
            logger.error("the owner of a task could not be told", metadata: ["error": "\(error)"])
        }
    }

    func record(_ event: TaskEvent) async throws -> Int64 {
        var details: JSONObject = [
            "task": .string(event.task.id.rawValue), "name": .string(event.task.content.name),
        ]
        details["run"] = event.run.map { .string($0.id.rawValue) }
        details["cause"] = event.run.map { .string($0.cause.rawValue) }
        details["by"] = event.by.map { .string($0.rawValue) }
        for (key, value) in event.details { details[key] = .string(value.cut(to: 2000)) }
        return try await audit.event(
            event.name,
            subject: AuditSubject(
                requester: event.task.owner, channel: event.task.content.channel,
                conversation: event.run?.conversation), details: details)
    }
}
