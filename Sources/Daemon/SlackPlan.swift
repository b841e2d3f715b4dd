internal import Conversations
internal import Logging
internal import MCP
internal import Model
internal import Settings
internal import Slack
internal import SlackAPI
internal import Store

/// Slack, where the settings have tokens for it.
struct SlackPlan: Sendable {
    let client: SlackClient
    let inbound: SlackInbound
    let outbound: SlackOutbound
    private let approvals: SlackApprovals
    let admissions: SlackAdmissions
    private let assistant: SlackAssistant
    /// Messages whose thread may want a title.
    private let titles: AsyncStream<SlackTakenMessage>
    private let hands: SlackHands
    private let clicks: SlackClicks
    private let words: QueuedWords
    private let ear: SlackEar
    private let logger: Logger
    /// The settings as they are now.
    private let current: @Sendable () -> SlackSettings

    /// `nil` where no tokens are configured. Throws `StartError` for tokens that are none: a daemon that nobody can reach
    /// where people look for it should not look as if it ran.
    init?(
        _ settings: SlackSettings, options: Reloadable<SlackInboundOptions>, database: Database,
        conversations: ConversationService, hub: EventHub, fileBytes: Int, people: any SlackPeople,
        answers: any AnswerBook, current: @escaping @Sendable () -> SlackSettings,
        effects: SlackAdmissions.Effects, tasks: @escaping TaskLines,
        logger: Logger
    ) throws {
        guard !settings.botTokenFile.isEmpty || !settings.appTokenFile.isEmpty || !settings.eventsListen.isEmpty else {
            return nil
        }
        guard let endpoint = SlackEndpoint(settings.apiURL) else {
            throw StartError("slack.api_url is no address of Slack's: \(SlackEndpoint.addressRule).")
        }
        // All that can be wrong comes before the clients: one that is made has to be shut down.
        let bot = try Self.token(.bot, settings.botTokenFile, "slack.bot_token_file")
        if settings.eventsListen.isEmpty {
            let app = try Self.token(.app, settings.appTokenFile, "slack.app_token_file")
            let appClient = try SlackClient(endpoint: endpoint, logger: logger, token: { try app() })
            ear = .socket(SocketMode(client: appClient, logger: logger), appClient)
        } else {
            ear = .requests(try SlackListener(settings, logger: logger))
        }
        client = try SlackClient(endpoint: endpoint, logger: logger, token: { try bot() })
        let outbound = SlackOutbound(
            database: database, slack: client, hub: hub, chat: conversations, fileBytes: fileBytes, logger: logger,
            face: { await SlackFaces(current()).face(in: $0.channel, database)?.shown },
            render: { entry in
                let settings = current()
                let rendered = try await RenderedEntry(entry, footer: FooterStyle(settings.footer), from: answers)
                guard entry.message.kind == .assistant,
                    let home = try await database.home(of: entry.message.conversation, on: HomeRecord.slack),
                    let channel = SlackAddress(home.address)?.channel,
                    let face = await SlackFaces(settings).face(in: channel, database),
                    try await database.isFirstAnswer(entry.message.id)
                else { return rendered }
                return rendered.disclaimed(face.disclaimer)
            },
            show: { [conversations] in await conversations.publish($0) })
        let assistant = SlackAssistant(database: database, calls: SlackAssistant.Calls(client), logger: logger)
        let (titles, title) = AsyncStream<SlackTakenMessage>.makeStream(bufferingPolicy: .bufferingNewest(500))
        self.titles = titles
        self.assistant = assistant
        let parts = SlackInboundParts(
            database: database, conversations: conversations, workspace: SlackClientWorkspace(client), people: people,
            options: options, tasks: tasks,
            taken: { message in
                outbound.life.accept(message)
                title.yield(message)
            }, logger: logger)
        inbound = SlackInbound(parts)
        let place = QueuedWords(WebCardPlace(client: client), logger: logger)
        words = place
        let clicks = ClickAnswers(slack: place, logger: logger) { [directory = parts.directory] user in
            do {
                return try await people.person(of: try await directory.user(user))
            } catch let error as ChatError where error.code == .forbidden {
                return nil
            }
        }
        approvals = SlackApprovals(
            database: database, board: conversations, slack: place, clicks: clicks, logger: logger)
        admissions = SlackAdmissions(
            database: database, slack: place, clicks: clicks, effects: effects, logger: logger)
        let home = SlackHome(database: database, chat: conversations, clicks: clicks, tasks: tasks, logger: logger) {
            [client] view, user in try await client.publishHome(user: user, view)
        }
        let deeds = SlackDeeds(
            database: database, approvals: approvals, admissions: admissions,
            buttons: SlackButtons(database: database, chat: conversations, clicks: clicks),
            rated: SlackAnswers(book: answers, clicks: clicks) { call, person in
                _ = try await conversations.undo(call, force: false, by: person, onBehalfBy: nil)
            }, home: home, asking: SlackAsking(clicks: clicks) { [inbound] in try await inbound.ask($0) },
            clicks: clicks)
        self.clicks = SlackClicks(database: database, words: clicks, logger: logger) { try await deeds.act($0) }
        hands = SlackHands(
            home: home, assistant: assistant, answers: ThreadAnswers(chat: conversations, tasks: tasks),
            directory: parts.directory, people: people, outbound: outbound, logger: logger)
        self.outbound = outbound
        self.current = current
        self.logger = logger
    }

    /// Until cancelled. A workspace that cannot be reached, or refuses, ends nothing: what is to be said there waits.
    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await inbound.run() }
            group.addTask { await outbound.run() }
            group.addTask { await approvals.run() }
            group.addTask { await admissions.run() }
            group.addTask { for await message in titles { await assistant.taken(message) } }
            group.addTask { await hands.run() }
            group.addTask { await clicks.run() }
            group.addTask { await words.run() }
            group.addTask {
                await ear.run(cameUp: { inbound.catchUpNow() }) { envelope in
                    switch envelope.kind {
                    case .event:
                        // Durable when this returns, and only then acknowledged.
                        try await inbound.accept(.object(envelope.payload))
                        if SlackEvent.momentary.contains(envelope.event?["type"]?.stringValue ?? "") {
                            hands.accept(.object(envelope.payload))
                        }
                        return nil
                    case .interaction:
                        // As events are. Slack does not repeat it: who clicked sees that it was not taken.
                        try await clicks.accept(.object(envelope.payload))
                        return nil
                    case .command: return await hands.command(envelope.payload)
                    }
                }
            }
        }
        await client.shutdown()
    }

    /// As the console's `slack` has it.
    func status(_ database: Database) async throws -> JSONObject {
        let ear = ear.status
        let counts = try await database.slackEventCounts()
        var status: JSONObject = [
            "state": .string(ear.state), "connections": .int(Int64(ear.connections)),
            "waiting": .int(Int64(counts.waiting)),
        ]
        // Asked of Slack only while it answers: nobody who looks how things are should wait for it.
        if ear.isHearing {
            status["scopes"] = await scopes()
        } else {
            status["scopes"] = .object(["problem": .string("Slack is not connected.")])
        }
        status["outbox"] = .object(try await outbound.status(at: database.clock.now()))
        status["problem"] = ear.problem.map { .string($0) }
        status["set_aside"] = .array(
            try await database.failedSlackEvents().map { event in
                var object: JSONObject = [
                    "id": .int(event.id), "kind": .string(event.kind), "since": .string(event.received.rfc3339),
                ]
                object["channel"] = event.channel.map { .string($0) }
                object["error"] = event.error.map { .string($0) }
                return .object(object)
            })
        return status
    }

    /// What the token was granted against what is used: `missing` (`feature`, `scopes`, `required`, `without`), `unneeded`;
    /// or `problem`, where Slack does not say.
    private func scopes() async -> JSONValue {
        do {
            guard let granted = try await client.authTest().scopes else {
                return ["problem": "Slack does not say what the token was granted."]
            }
            let report = ScopeReport(granted: Set(granted), hasFaces: !SlackFaces(current()).channels.isEmpty)
            let gaps = (report.required + report.optional).map { gap -> JSONValue in
                [
                    "feature": .string(gap.feature.name), "scopes": .array(gap.missing.map { .string($0) }),
                    "required": .bool(gap.feature.isRequired), "without": .string(gap.feature.without),
                ]
            }
            return ["missing": .array(gaps), "unneeded": .array(report.unneeded.map { .string($0) })]
        } catch {
            return ["problem": .string((error as? SlackError)?.message ?? "Slack cannot be asked.")]
        }
    }

    /// Reads it at each call, so that another one counts at once. Throws `StartError` where there is none now.
    private static func token(
        _ kind: SlackToken.Kind, _ file: String, _ setting: String
    ) throws -> @Sendable () throws -> SlackToken {
        guard !file.isEmpty else {
            throw StartError(
                "\(setting) is missing: Slack takes a bot token, and an app token or slack.events.listen.")
        }
        let secret = SlackSecretFile(file)
        do { _ = try secret.token(kind) } catch { throw StartError("\(setting): \(error.message)") }
        return { try secret.token(kind) }
    }
}
