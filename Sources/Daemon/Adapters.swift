internal import Audit
internal import Budgets
internal import Compartments
internal import Console
internal import Conversations
internal import Harness
internal import Logging
internal import MCP
internal import Model
internal import ModelGateway
internal import Routing
internal import Store
internal import Synchronization

/// The model gateway as conversations see it.
struct GatewayDoors: ModelDoors {
    let gateway: ModelGateway
    let drafts: TurnDrafts
    let outages: TurnOutages

    func assign(_ compartment: CompartmentID, to session: SessionDescription) async {
        await gateway.assign(
            compartment,
            to: ModelSession(
                session: session.session, conversation: session.conversation, channel: session.channel,
                requester: session.requester))
    }

    func grant(_ leave: TurnLeave, for turn: MessageID, of session: SessionDescription) async {
        drafts.open(turn, of: session)
        outages.forget(session.session)
        var work = ModelWork(task: leave.task, run: leave.run)
        work.runLimit = leave.runLimit
        await gateway.grant(
            ModelGrant(
                turn: turn, calls: leave.calls, outputTokens: leave.outputTokens, tier: ModelTier(leave.tier),
                work: work), to: session.session)
    }

    func move(_ turn: MessageID, of session: SessionID, to tier: RouteTier) async {
        await gateway.move(turn, of: session, to: ModelTier(tier))
    }

    func revoke(_ turn: MessageID, of session: SessionID) async {
        drafts.close(turn, of: session)
        await gateway.revoke(turn, of: session)
    }

    func close(_ compartment: CompartmentID, of session: SessionID) async {
        drafts.close(of: session)
        outages.forget(session)
        await gateway.close(compartment)
    }

    func outage(of turn: MessageID, session: SessionID) async -> TurnOutage? {
        outages.outage(of: turn, session: session)
    }

    func readiness(of tier: RouteTier?, in channel: ChannelID) async -> ModelReadiness {
        let tiers = tier.map { [$0] } ?? RouteTier.allCases
        let states = tiers.map { gateway.availability(of: ModelTier($0), in: channel) }
        if states.contains(where: { $0 == .available }) { return .ready }
        return states.contains(where: { $0 == .worthATry }) ? .worthATry : .down
    }
}

/// Of each session the turn whose last model call found no model, from when the gateway knew it.
final class TurnOutages: Sendable {
    private let sessions = Mutex<[SessionID: (turn: MessageID, outage: TurnOutage)]>([:])

    func note(_ outcome: ModelCallOutcome, _ turn: MessageID, of session: SessionID) {
        guard case .unavailable(let outage, _) = outcome else { return }
        sessions.withLock { $0[session] = (turn, outage == .certain ? .certain : .suspected) }
    }

    func forget(_ session: SessionID) {
        sessions.withLock { $0[session] = nil }
    }

    func outage(of turn: MessageID, session: SessionID) -> TurnOutage? {
        sessions.withLock { sessions in
            guard let noted = sessions[session], noted.turn == turn else { return nil }
            return noted.outage
        }
    }
}

/// Shows people the answer while it is being written, the text that passes the model gateway; and notes where no model
/// could be reached.
struct DraftObserver: ModelStreamObserver {
    /// `nil`: nothing is shown.
    let drafts: TurnDrafts?
    let outages: TurnOutages

    func modelCallStarted(_ session: SessionID, turn: MessageID) {
        outages.forget(session)
        drafts?.write("", reset: true, for: turn, of: session)
    }

    func modelText(_ session: SessionID, turn: MessageID, delta: String) {
        drafts?.write(delta, reset: false, for: turn, of: session)
    }

    func modelCallEnded(_ session: SessionID, turn: MessageID, outcome: ModelCallOutcome) {
        outages.note(outcome, turn, of: session)
        drafts?.end(for: turn, of: session)
    }
}

/// What each model call cost, on whose account.
struct ModelCallLedger: ModelCallRecorder {
    let database: Database
    let audit: AuditLog
    let logger: Logger

    func record(_ call: ModelCallRecord) async {
        do {
            var entry = ModelCallEntry(
                BudgetSubject(call.session, call.work), turn: call.turn, tier: call.tier.rawValue,
                provider: call.provider, model: call.model, started: call.started)
            (entry.skill, entry.subagent) = (call.work.skill, call.work.subagent)
            entry.inputTokens = Int(clamping: call.usage.input)
            entry.outputTokens = Int(clamping: call.usage.output)
            entry.cacheReadTokens = Int(clamping: call.usage.cacheRead)
            entry.cacheWriteTokens = Int(clamping: call.usage.cacheWrite)
            entry.microdollars = call.microdollars
            entry.isEstimate = call.usage.isEstimated
            entry.milliseconds = call.duration.wholeMilliseconds
            entry.stopReason = call.stopReason
            entry.error = call.error
            try await database.recordModelCall(entry, settling: call.reservation?.rawValue)
            try await audit.event("model.call", subject: AuditSubject(call.session), details: Self.facts(of: entry))
        } catch {
            logger.error("a model call could not be recorded", metadata: ["error": "\(error)"])
        }
    }

    /// What the door refused: an agent that tries such things is one to look at.
    func refused(_ refusal: ModelRefusal) async {
        do {
            try await audit.event(
                "model.refused", subject: refusal.session.map { AuditSubject($0) } ?? AuditSubject(),
                details: [
                    "compartment": .string(refusal.compartment.rawValue), "status": .int(Int64(refusal.status)),
                    "reason": .string(refusal.reason.cut(to: 300)),
                ])
        } catch {
            logger.error("a refused model request could not be recorded", metadata: ["error": "\(error)"])
        }
    }

    /// What was asked of whom, and what it cost; not what was said.
    private static func facts(of entry: ModelCallEntry) -> JSONObject {
        var facts: JSONObject = [
            "tier": .string(entry.tier), "provider": .string(entry.provider), "model": .string(entry.model),
            "inputTokens": .int(Int64(entry.inputTokens)), "outputTokens": .int(Int64(entry.outputTokens)),
            "microdollars": .int(entry.microdollars),
        ]
        facts["stopReason"] = entry.stopReason.map { .string($0.cut(to: 100)) }
        facts["error"] = entry.error.map { .string($0.cut(to: 500)) }
        return facts
    }
}

extension ModelTier {
    init(_ tier: RouteTier) { self.init(rawValue: tier.rawValue) }
}

extension Duration {
    var wholeMilliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}

extension AuditSubject {
    init(_ session: ModelSession) {
        self.init(
            requester: session.requester, channel: session.channel, conversation: session.conversation,
            session: session.session)
    }
}
