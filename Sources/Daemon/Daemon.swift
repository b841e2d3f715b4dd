internal import Audit
internal import BrokerClient
internal import Compartments
internal import Console
internal import Conversations
internal import Drill
package import Egress
internal import Harness
internal import Hooks
internal import LeakScan
package import Logging
internal import MCP
internal import Model
internal import ModelGateway
internal import Scheduler
package import Settings
internal import Slack
internal import Store
internal import ToolServers
internal import Vault
internal import WebRequests

/// The composition root: builds every service from the settings and runs them until told to stop.
package struct Daemon: Sendable {
    let settings: Settings
    let logger: Logger

    /// `nil` where containers are made by a broker in a process of its own, as they should be.
    let broker: InProcessBroker?
    let database: Database
    let policy: PolicyStore
    let audit: AuditLog
    let leaks: LeakGuard
    let notary: AuditNotary
    let sinks: AuditSinks
    let pauses: PauseBoard
    /// `nil` where none are configured.
    let hooks: HookDesk?
    let people: People
    let egress: EgressDesk
    let proxy: EgressProxy
    let vault: VaultPlan
    let gateway: ModelGateway
    let pool: CompartmentPool
    let drill: Drill
    let conversations: ConversationService
    let scheduler: Scheduler
    let tasks: TaskDesk
    let console: ConsoleServer
    let mcp: MCPDoor
    /// `nil` where none is configured.
    let slack: SlackPlan?
    let tunable: Tunable

    /// Opens everything that can refuse to open: database, policy, keys, sockets. Throws `StoreError`, `PolicyError`,
    /// `GatewayError` and the like, whose messages are for the operator.
    ///
    /// `reach`: how the network's names become addresses. No setting and no argument of the program leads there.
    package init(_ settings: Settings, logger: Logger, reach: EgressReach = EgressReach()) async throws {
        self.settings = settings
        self.logger = logger
        let tunable = Tunable(settings)
        self.tunable = tunable
        // First: without the rights it needs, nothing is opened.
        broker = settings.broker.inProcess ? try InProcessBroker(settings, logger: logger) : nil

        database = try Database(directory: settings.data.directory, logger: logger)
        policy = try PolicyFile.open(settings.policy.file, fallback: settings.data.directory)
        leaks = LeakGuard()
        audit = try await AuditLog.open(database, leaks: leaks)
        if let gap = audit.gap {
            logger.error(
                "the audit does not fit its witness; see `bulkhead audit verify`", metadata: ["problem": "\(gap)"])
        }
        let connect: @Sendable () throws -> BrokerClient = { [broker, path = settings.broker.socket] in
            if let broker { try broker.connect() } else { try BrokerClient(path: path) }
        }
        let auditKey = try AuditKey(file: settings.data.directory + "/audit.key")
        sinks = try AuditSinks(settings.audit, audit: audit)
        notary = AuditNotary(
            audit: audit, key: auditKey,
            witnesses: [BrokerWitness(connect: connect), LogWitness(logger: logger)] + sinks.witnesses, logger: logger)
        pauses = try await PauseBoard.open(database, audit: audit)
        hooks = HookPlan(settings.hooks).map { [audit] plan in
            HookDesk(plan: plan, starter: BrokerHooks(connect: connect), audit: audit, key: auditKey.redaction)
        }
        people = People(
            database: database, audit: audit, settings: tunable.people,
            admitsWorkspace: { tunable.slack.current.people == .members })
        try await people.establishOwner()
        try await people.reconcile()
        vault = try await VaultPlan(
            settings.vault, database: database, audit: audit, leaks: leaks, logger: logger)
        try await database.purgeLogins(expiredBy: database.clock.now())

        let hub = EventHub()
        let leakDesk = LeakDesk(database: database, audit: audit, logger: logger)
        let screen = LeakScreen(leaks, recorder: leakDesk)
        let drafts = TurnDrafts(hub: hub, leaks: leaks)
        let outages = TurnOutages()
        let key = ModelKey(file: settings.model.keyFile)
        let plan = try GatewayPlan(settings.model, key: key)
        gateway = try ModelGateway(
            configuration: plan.configuration,
            recorder: ModelCallLedger(database: database, audit: audit, logger: logger),
            // What a hook has to see before people do is not shown while it is being written.
            observer: DraftObserver(
                drafts: hooks?.hooks(for: .messageOut).isEmpty == false ? nil : drafts, outages: outages),
            leaks: screen, logger: logger,
            labels: { [database] in try await database.session($0)?.labels ?? [.untrusted, .private] })

        let engine = BrokerEngine(logger: logger, connect: connect)
        pool = CompartmentPool(
            engine: engine,
            configuration: PoolConfiguration(ready: settings.containers.ready), logger: logger,
            openDoor: { [gateway] id, listening in try await gateway.open(door: listening, compartment: id) },
            closeDoor: { [gateway] id in await gateway.close(id) })
        let redactor = PolicyRedactor(policy: policy, key: auditKey.redaction, leaks: leaks)
        let desk = EgressDesk(
            database: database, policy: policy, audit: audit, pauses: pauses, redactor: redactor, logger: logger)
        egress = desk
        proxy = EgressProxy(
            authority: desk, limits: EgressLimits(settings.egress), reach: reach, logger: logger)
        let egressGrants = EgressGrantBook(database: database, audit: audit) { await desk.reconsider() }
        let egressOperator = EgressOperator(book: egressGrants, database: database, policy: policy, people: people)
        let requests = WebRequestDesk(
            database: database, audit: audit, vault: vault.vault, egress: desk, leaks: screen, logger: logger)
        let turns = TaskTurns(database: database, audit: audit, limits: tunable.scheduler, logger: logger)
        scheduler = Scheduler(
            Scheduler.Parts(database: database, runner: turns, limits: tunable.scheduler, logger: logger))
        tasks = TaskDesk(scheduler: scheduler)
        conversations = ConversationService(
            ConversationService.Parts(
                database: database, policy: policy, audit: audit, pauses: pauses,
                compartments: PoolSource(pool: pool),
                doors: GatewayDoors(gateway: gateway, drafts: drafts, outages: outages), hub: hub,
                servers: [
                    EgressServer(desk: desk, book: egressGrants),
                    SecretServer(vault: vault.vault) { entry, context in
                        try await desk.grants(entry, to: context.session)
                    },
                    WebRequestServer(keeper: vault.vault, egress: desk, reach: reach, host: requests),
                    TaskServer(desk: tasks),
                ],
                composer: ContextComposer(assistantName: "Bulkhead"), limits: tunable.limits,
                gateLimits: tunable.gateLimits, hooks: hooks, egress: desk,
                errands: Errands(secrets: vault.vault, egress: desk), redactor: redactor, leaks: screen,
                logger: logger))
        await desk.connect(proxy, announcer: conversations)
        turns.work(with: conversations)
        await conversations.listen { [scheduler] message, channel in
            guard let author = message.author else { return }
            await scheduler.heard(message.text, in: channel, from: author, event: message.id)
        }
        requests.keepFiles(with: conversations)
        leakDesk.showNotices { [conversations] notices in await conversations.publish(notices) }

        drill = Drill(
            DrillServices(
                pool: pool, engine: engine, audit: audit, gateway: plan.configuration,
                modelRecorder: ModelCallLedger(database: database, audit: audit, logger: logger),
                egressLimits: EgressLimits(settings.egress), recordEgress: { await desk.record($0) },
                liveSecrets: DrillDesk.secrets(key, vault: vault.vault), logger: logger))

        let linking = AccountLinking(people: people)
        let register = SlackRegister(people: people, linking: linking, settings: tunable.slack) { [conversations] in
            await conversations.endWork(of: $0, reason: $1)
        }
        slack = try SlackPlan(
            settings.slack, options: tunable.slackOptions, database: database, conversations: conversations, hub: hub,
            fileBytes: settings.uploads.fileBytes,
            people: register, answers: StoredAnswers(database: database, audit: audit),
            current: { tunable.slack.current }, effects: register.admissionEffects, logger: logger)

        var limits = ConsoleLimits()
        limits.uploadBytes = settings.uploads.fileBytes
        console = ConsoleServer(
            ConsoleConfiguration(
                chat: conversations,
                audit: AuditPages(
                    audit: audit, database: database, people: people, key: auditKey.publicKey,
                    redaction: auditKey.redaction, notary: notary,
                    witness: WitnessFile(path: settings.audit.witnessFile)),
                operations: OperatorDesk(
                    conversations: conversations, audit: audit, database: database, people: people, hooks: hooks,
                    slack: slack),
                members: PeopleDesk(
                    people: people, linking: linking, conversations: conversations),
                secrets: VaultDesk(
                    vault: vault.vault, people: people, backend: settings.vault.backend.rawValue),
                egress: egressOperator,
                tasks: TaskOperator(
                    desk: tasks, keys: WebhookKeys(secret: auditKey.webhookSecret), clock: database.clock),
                surface: AttackSurface(
                    settings: settings, people: people, conversations: conversations, gateway: plan.configuration,
                    egress: egressOperator, connect: connect
                ).document,
                recorder: AuditRecorder(audit: audit), drill: DrillDesk(drill: drill), people: people.directory,
                assistant: AssistantDescription(name: "Bulkhead", model: plan.description),
                starters: OfflineStarters.all.map { Console.Starter(title: $0.title, text: $0.text) },
                host: settings.console.host, port: settings.console.port, socketPath: settings.consoleSocket,
                sessions: StoredLogins(database: database),
                limits: limits, logger: logger))
        let clients = MCPClients(conversations: conversations, people: people, logger: logger)
        mcp = MCPDoor(path: settings.mcpSocket) { peer in await clients.serve(peer) }
    }

    /// Works until cancelled; what fails here ends the daemon, and what is under way is taken up at the next start.
    package func run() async throws {
        try await thenClosing { try await work() }
    }

    /// Whatever ended the work: signed ends of the audit that are still on their way go out, and the database closes in
    /// order, so that the next start need not look at it as after a crash.
    private func thenClosing(_ work: () async throws -> Void) async throws {
        do {
            try await work()
        } catch {
            await close()
            throw error
        }
        await close()
    }

    private func close() async {
        await sinks.close()
        await vault.close()
        database.close()
    }

    private func work() async throws {
        logger.notice("starting", metadata: ["data": "\(settings.data.directory)"])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await database.run() }
            if let broker { group.addTask { try await broker.run() } }
            // Before anybody is let in.
            if let hooks { try await BrokerHooks.check(hooks, logger: logger) }
            try await audit.settleOpenCalls()
            try await conversations.recover()
            group.addTask { await notary.run() }
            group.addTask { try await gateway.run() }
            group.addTask { await pool.run() }
            group.addTask { try await serveNetwork() }
            group.addTask { await egress.run() }
            group.addTask { try await conversations.run() }
            group.addTask { await scheduler.run() }
            group.addTask { await DrillDesk.removeLeftovers(drill) }
            group.addTask { try await console.run() }
            group.addTask { try await mcp.run() }
            if let slack { group.addTask { await slack.run() } }
            // The first to end, by failure or otherwise, ends all: a daemon without its gate or its store is none.
            defer { group.cancelAll() }
            _ = try await group.next()
        }
    }

    /// Takes over what of `settings` needs no restart. Whoever may not come in any more is out when this returns: signed
    /// out, and what ran for them has ended.
    func apply(_ settings: Settings) async {
        tunable.apply(settings)
        let changes: [People.Change]
        do {
            changes = try await people.reconcile()
        } catch {
            logger.error(
                "not everybody could be brought to the new settings: each is when they next come in; send SIGHUP again",
                metadata: ["error": "\(error)"])
            return
        }
        for change in changes {
            logger.notice(
                "person changed", metadata: ["name": "\(change.name)", "role": "\(change.role?.rawValue ?? "none")"])
            guard change.role == nil else { continue }
            await conversations.endWork(
                of: change.person, reason: "This was ended: \(change.name) may not use Bulkhead any more.")
        }
    }

    /// Until cancelled. Where the proxy ends before, nothing is reached any more, and the rest goes on.
    private func serveNetwork() async throws {
        await proxy.run()
        try await Task.sleep(for: .seconds(1 << 32))
    }

    /// Reads the policy file again; what it takes back is closed when this returns. On an error the last good one stays.
    func reloadPolicy() async throws -> Bool {
        let hasChanged = try await policy.reload(recording: audit)
        await egress.reconsider()
        return hasChanged
    }

    /// One session for an MCP client, and nothing else: no surface is opened.
    func serveStandalone(
        _ transport: any MessageTransport, channel name: String, onBehalfOf other: String?
    ) async throws {
        guard let owner = try await people.person(named: settings.people.owner) else {
            throw StartError("The owner \(settings.people.owner) may not come in.")
        }
        var speaker = owner
        if let other {
            guard let found = try await people.person(named: other) else {
                throw StartError("There is no person \(other).", exitStatus: 2)
            }
            speaker = found
        }
        let channels = try await conversations.channels(for: speaker)
        guard let channel = channels.first(where: { $0.name == name || $0.id.rawValue == name }) else {
            throw StartError(
                "There is no channel \(name), or it is not \(other ?? "the owner")'s.", exitStatus: 2)
        }
        try await thenClosing { [speaker] in
            try await serve(transport, for: speaker, by: other == nil ? nil : owner, in: channel.id)
        }
    }

    private func serve(
        _ transport: any MessageTransport, for speaker: PersonID, by admin: PersonID?, in channel: ChannelID
    ) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await database.run() }
            if let broker { group.addTask { try await broker.run() } }
            if let hooks { try await BrokerHooks.check(hooks, logger: logger) }
            try await audit.settleOpenCalls()
            try await conversations.recover()
            group.addTask { await notary.run() }
            group.addTask { try await gateway.run() }
            group.addTask { await pool.run() }
            group.addTask { try await serveNetwork() }
            group.addTask { await egress.run() }
            group.addTask { try await conversations.run() }
            group.addTask {
                try await conversations.serveExternalAgent(
                    transport, person: speaker, onBehalfBy: admin, channel: channel)
            }
            defer { group.cancelAll() }
            _ = try await group.next()
        }
    }
}
