package import Conversations
package import Logging
package import Model
internal import SlackAPI
package import Store

/// Shows people in Slack that something happens: that a message was taken, what a turn does, the answer while it is being
/// written. None of it is the answer, nobody waits for it, and nothing of it stays behind, a crash or not.
package actor SignsOfLife: LiveTurns {
    let tools: LifeTools
    private let accepted: AsyncStream<SlackTakenMessage>
    private let submit: AsyncStream<SlackTakenMessage>.Continuation
    var isSweeping = false
    var hasMoreToSweep = false
    private var shown: [ConversationID: TurnSigns] = [:]
    /// Who asked last, by conversation.
    private var recipients: [ConversationID: SlackRecipient] = [:]

    package init(
        database: Database, slack: any SlackSending, hub: EventHub, settings: LifeSettings = LifeSettings(),
        time: SlackTime = .system, logger: Logger, face: @escaping DeliveryTools.Face = { _ in nil }
    ) {
        tools = LifeTools(
            database: database, slack: slack, hub: hub, settings: settings, time: time, logger: logger, face: face)
        // One for each message that people write: the oldest can do without.
        (accepted, submit) = AsyncStream.makeStream(of: SlackTakenMessage.self, bufferingPolicy: .bufferingNewest(1000))
    }

    /// At once; the rest is this actor's.
    package nonisolated func accept(_ message: SlackTakenMessage) { submit.yield(message) }

    /// Until cancelled. First what an earlier process left standing goes.
    package func run() async {
        // Before the first turn: none is missed.
        let starts = tools.hub.turnStarts()
        await withDiscardingTaskGroup { group in
            group.addTask {
                await withDiscardingTaskGroup { reactions in
                    for await message in self.accepted { reactions.addTask { await self.react(to: message) } }
                }
            }
            await sweep(evenOfOpenTurns: true)
            group.addTask { [tools] in
                while !Task.isCancelled {
                    do { try await tools.time.sleep(.seconds(60)) } catch { return }
                    await self.sweep()
                }
            }
            for await conversation in starts { group.addTask { await self.show(conversation) } }
            group.cancelAll()
        }
    }

    package func handOver(_ turn: MessageID) async {
        guard let conversation = try? await tools.database.message(turn)?.conversation else { return }
        await shown[conversation]?.close(turn)
    }

    // MARK: Reactions

    private func react(to message: SlackTakenMessage) async {
        if recipients.count >= 10_000 { recipients = [:] }
        recipients[message.conversation] = SlackRecipient(user: message.user, team: message.team)
        guard let emoji = tools.settings.reaction else { return }
        do {
            guard try await isWaiting(message.message), tools.budget.take(.reaction, at: tools.time.now()) else {
                return
            }
            let row = try await tools.database.intendPost(
                .reaction, of: message.message.rawValue, channel: message.channel, ts: message.ts.text,
                reference: emoji)
            guard row.state == .intended else { return }
            try await tools.slack.react(emoji, to: SlackPosted(channel: message.channel, ts: message.ts.text))
            try await tools.database.changePost(row.id, to: .up)
            // Answered meanwhile, and whoever took away its reaction came before it was there.
            if try await !isWaiting(message.message) { await sweep() }
        } catch {
            // Where it is not known whether it is there, its row says that it may be.
            tools.logger.debug("a reaction failed", metadata: ["error": "\(error)"])
        }
    }

    private func isWaiting(_ message: MessageID) async throws -> Bool {
        let state = try await tools.database.message(message)?.state
        return state == .pending || state == .taken
    }

    // MARK: Turns

    private func show(_ conversation: ConversationID) async {
        let home: HomeRecord?
        do {
            home = try await tools.database.home(of: conversation, on: HomeRecord.slack)
        } catch {
            return tools.logger.debug("a turn is not shown", metadata: ["error": "\(error)"])
        }
        // To a person who has not been written to yet there is no place to show it in.
        guard let home, let place = SlackAddress(home.address), !place.isPerson else { return }
        let signs = TurnSigns(
            conversation: conversation, place: place, recipient: recipients[conversation], tools: tools)
        shown[conversation] = signs
        await signs.run()
        if shown[conversation] === signs { shown[conversation] = nil }
        await sweep()
    }
}
