internal import Model
internal import Routing
internal import Store

// What to do while no model can be reached: a message is kept, its person is told, and it is asked again by itself.
extension ConversationService {
    /// What is remembered of an outage. In memory alone: after a restart everything that waits is tried anew.
    struct OutageMemory {
        /// Conversations that wait for a model, in the order they began to, with their channels.
        var waiting: [(conversation: ConversationID, channel: ChannelID)] = []
        /// The tier that could not answer there.
        var tiers: [ConversationID: RouteTier] = [:]
        /// Whose person was told of it.
        var told: Set<ConversationID> = []
        /// How often a turn failed without it being clear that others fail too.
        var suspicions: [MessageID: Int] = [:]
        /// The one conversation that finds out whether it is over, and since when.
        var trial: (conversation: ConversationID, since: ContinuousClock.Instant)?
        var isWatched = false
    }

    /// Tries at a turn that may itself be why the model fails.
    static var maximumSuspicions: Int { 3 }

    private static var sentence: String {
        "The model cannot be reached at the moment. Your message is kept, and answered as soon as it can be."
    }

    /// Whether a turn is to be asked again later instead of being answered with the failure of its model calls. Not one that
    /// has done something already: doing it twice may do harm.
    func waitsOut(_ turn: MessageID, of session: SessionID) async throws -> Bool {
        guard let outage = await parts.doors.outage(of: turn, session: session) else { return false }
        guard try await !database.hasActed(turn: turn) else { return false }
        return outage == .certain || outages.suspicions[turn, default: 0] < Self.maximumSuspicions
    }

    /// Gives the turn's messages back. It costs none of the tries that an agent has which dies of its question.
    func keep(_ turn: MessageID, of session: SessionID, in conversation: ConversationID) async throws {
        outages.tiers[conversation] = routes[turn]?.tier
        if await parts.doors.outage(of: turn, session: session) == .suspected {
            outages.suspicions[turn, default: 0] += 1
        }
        try await database.returnToInbox(turn: turn, asUntried: true)
    }

    /// A turn is over. Whatever became of it, its conversation tries nothing any more; and unless it is only kept, it is no
    /// reason to suspect anything.
    func settled(_ outcome: TurnOutcome, _ turn: MessageID, in conversation: ConversationID) {
        if outages.trial?.conversation == conversation { outages.trial = nil }
        if case .failed = outcome { return }
        outages.suspicions[turn] = nil
    }

    /// Whether the next question of a conversation has to wait for a model; says so in it.
    func waitsForModel(_ message: MessageRecord) async throws -> Bool {
        guard message.surface != Self.externalSurface,
            let conversation = try await database.conversation(message.conversation)
        else { return false }
        let (id, channel) = (conversation.id, conversation.channel)
        // Which tier a turn gets is known when it begins: until one has failed, any that answers will do.
        switch await parts.doors.readiness(of: outages.tiers[id], in: channel) {
        case .ready: outages.told.remove(id)
        // Looked at and taken in one step: of many that wake at once one tries.
        case .worthATry where isFreeToTry(id): outages.trial = (id, .now)
        case .worthATry, .down: return try await wait(in: id, channel)
        }
        outages.waiting.removeAll { $0.conversation == id }
        return false
    }

    private func isFreeToTry(_ conversation: ConversationID) -> Bool {
        guard let trial = outages.trial, trial.conversation != conversation else { return true }
        // Longer than a call takes that finds nobody.
        return ContinuousClock.now - trial.since > .seconds(120)
    }

    private func wait(in conversation: ConversationID, _ channel: ChannelID) async throws -> Bool {
        if !outages.waiting.contains(where: { $0.conversation == conversation }) {
            outages.waiting.append((conversation, channel))
        }
        watch()
        hub.publish(.state(Self.sentence), in: conversation)
        // Once in the thread too, for who looks later or elsewhere.
        if outages.told.insert(conversation).inserted {
            let notice = try await database.addNotice(conversation: conversation, text: Self.sentence)
            await publish([notice.id])
        }
        return true
    }

    private func watch() {
        guard !outages.isWatched else { return }
        outages.isWatched = true
        spawn { await self.watchUntilNobodyWaits() }
    }

    /// Wakes who waits when a model may answer: one to find out, all when it does.
    private func watchUntilNobodyWaits() async {
        while !isStopping, !outages.waiting.isEmpty {
            do { try await Task.sleep(for: .seconds(1)) } catch { break }
            for (conversation, channel) in outages.waiting {
                switch await parts.doors.readiness(of: outages.tiers[conversation], in: channel) {
                case .ready: wake(conversation)
                case .worthATry where isFreeToTry(conversation): wake(conversation)
                case .worthATry, .down: break
                }
            }
        }
        outages.isWatched = false
    }
}
