package import Audit
package import Harness
package import Hooks
package import LeakScan
package import Logging
internal import MCP
package import Model
package import Store
package import ToolServers

/// Conversations: a message comes in, a session works on it, an answer goes out.
///
/// What must not be lost is in the store before anything happens; this actor holds only what is under way, and can be
/// built anew from the store at any time.
package actor ConversationService {
    package struct Parts: Sendable {
        package var database: Database
        package var policy: PolicyStore
        package var audit: AuditLog
        package var pauses: PauseBoard
        package var compartments: any CompartmentSource
        package var doors: any ModelDoors
        package var hub: EventHub
        /// Tools beside the workspace's and the conversation's own.
        package var servers: [any ToolServer]
        package var composer: ContextComposer
        package var limits: Reloadable<ConversationLimits>
        package var gateLimits: Reloadable<GateLimits>
        /// The operator's, where there are any.
        package var hooks: HookDesk?
        /// Who may reach what over the network; `nil`: nobody reaches anything.
        package var egress: EgressDesk?
        /// For commands that are given secrets, where there is a vault.
        package var errands: Errands?
        /// For what is stored and shown of calls.
        package var redactor: any CallRedactor
        /// For what goes out.
        package var leaks: LeakScreen
        package var identifiers: IdentifierSource
        package var clock: WallClock
        package var logger: Logger

        package init(
            database: Database, policy: PolicyStore, audit: AuditLog, pauses: PauseBoard,
            compartments: any CompartmentSource,
            doors: any ModelDoors, hub: EventHub, servers: [any ToolServer] = [], composer: ContextComposer,
            limits: Reloadable<ConversationLimits>, gateLimits: Reloadable<GateLimits>, hooks: HookDesk? = nil,
            egress: EgressDesk? = nil, errands: Errands? = nil, redactor: (any CallRedactor)? = nil,
            leaks: LeakScreen = LeakScreen(),
            identifiers: IdentifierSource = IdentifierSource(), clock: WallClock = .system, logger: Logger
        ) {
            self.database = database
            self.policy = policy
            self.audit = audit
            self.pauses = pauses
            self.compartments = compartments
            self.doors = doors
            self.hub = hub
            self.servers = servers
            self.composer = composer
            self.limits = limits
            self.gateLimits = gateLimits
            self.hooks = hooks
            self.egress = egress
            self.errands = errands
            self.redactor = redactor ?? PolicyRedactor(policy: policy, key: .ephemeral)
            self.leaks = leaks
            self.identifiers = identifiers
            self.clock = clock
            self.logger = logger
        }
    }

    struct SessionKey: Hashable {
        let conversation: ConversationID
        let requester: PersonID
    }

    typealias Job = @Sendable () async -> Void

    nonisolated let parts: Parts
    nonisolated let desk: ApprovalDesk
    nonisolated var database: Database { parts.database }
    nonisolated var hub: EventHub { parts.hub }
    nonisolated var limits: ConversationLimits { parts.limits.current }

    /// Sessions that are live or being made. Being made is a task, so that two turns never make two.
    var sessions: [SessionKey: LiveSession] = [:]
    /// Ends that the store does not know of yet: until it does, the same session cannot be made anew.
    var endings: [SessionKey: Task<Void, Never>] = [:]
    /// Conversations whose queue somebody is working off; at most `limits.conversations`.
    var busy: Set<ConversationID> = []
    var hasRecovered = false
    /// When the operator was last told that the store takes nothing.
    var lastStoreComplaint: ContinuousClock.Instant?
    var outages = OutageMemory()
    /// When a turn was last begun that asks the model.
    var lastModelTurn: ContinuousClock.Instant?
    /// Whether one was left in the store because so many were busy.
    var hasMoreWaiting = false
    var hasDiscardedLeftScratch = false
    /// When what is kept for `undo` was last looked through.
    var lastUndoTrim: ContinuousClock.Instant?
    /// Told of each message that people hand in, once it is kept.
    private(set) var listener: (@Sendable (MessageRecord, ChannelID) async -> Void)?
    /// Why no new turn is begun: the daemon is on its way out.
    var isStopping = false

    /// Bounded by what is counted before a job is made: one for each conversation in `busy`, one for each session that
    /// is live or ending.
    private let jobs: AsyncStream<Job>
    private let submitJob: AsyncStream<Job>.Continuation

    package init(_ parts: Parts) {
        self.parts = parts
        desk = ApprovalDesk(
            database: parts.database, hub: parts.hub, audit: parts.audit, redactor: parts.redactor, clock: parts.clock,
            leaks: parts.leaks.leaks, limits: parts.limits, identifiers: parts.identifiers,
            openings: parts.egress.map { desk in
                [
                    EgressOpening(
                        book: EgressGrantBook(database: parts.database, audit: parts.audit) { await desk.reconsider() })
                ]
            } ?? [])
        (jobs, submitJob) = AsyncStream.makeStream(of: Job.self)
    }

    /// Mends what an earlier process left unfinished, where `recover` has not yet, then works until cancelled.
    package func run() async throws {
        if !hasRecovered { try await recover() }
        await withDiscardingTaskGroup { group in
            group.addTask { await self.sweepUntilCancelled() }
            for await job in jobs { group.addTask(operation: job) }
            // Turns wait for agents, not for cancellation: ending the sessions is what ends them.
            await self.stop()
        }
    }

    package func listen(_ listener: @escaping @Sendable (MessageRecord, ChannelID) async -> Void) {
        self.listener = listener
    }

    /// Runs `job` inside `run`, which owns it.
    func spawn(_ job: @escaping Job) {
        submitJob.yield(job)
    }

    private func stop() async {
        isStopping = true
        // Their questions are found at the next start, as after a crash.
        for live in sessions.values { await live.agent.end(reason: "Bulkhead is shutting down.") }
    }

    /// Every few seconds: give back idle compartments, expire questions nobody answered.
    private func sweepUntilCancelled() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .seconds(5))
            await tendQuestions()
            await endSessionsOfTheRemoved()
            await discardLeftScratch()
            await trimUndo()
            let now = ContinuousClock.now
            for live in Array(sessions.values) where !live.isExternal {
                if await live.agent.idleTime(now: now) > limits.idle { await end(live, reason: "idle") }
            }
        }
    }
}
