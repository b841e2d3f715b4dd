internal import Compartments
internal import Console
internal import Conversations
internal import Harness
internal import Logging
internal import MCP
internal import Model
internal import ModelGateway
internal import Store
internal import Synchronization

/// The model gateway as conversations see it.
struct GatewayDoors: ModelDoors {
    let gateway: ModelGateway
    let drafts: DraftObserver

    func assign(_ compartment: CompartmentID, to session: SessionDescription) async {
        drafts.follow(session)
        await gateway.assign(
            compartment,
            to: ModelSession(
                session: session.session, conversation: session.conversation, channel: session.channel,
                requester: session.requester))
    }

    func cancelCalls(of session: SessionID) async {
        await gateway.cancelCalls(of: session)
    }

    func close(_ compartment: CompartmentID, of session: SessionID) async {
        drafts.forget(session)
        await gateway.close(compartment)
    }
}

/// Shows people the answer while it is being written: the text that passes the model gateway.
final class DraftObserver: ModelStreamObserver {
    private let hub: EventHub
    private let rooms = Mutex<[SessionID: ConversationID]>([:])

    init(hub: EventHub) {
        self.hub = hub
    }

    func follow(_ session: SessionDescription) {
        rooms.withLock { $0[session.session] = session.conversation }
    }

    func forget(_ session: SessionID) {
        rooms.withLock { $0[session] = nil }
    }

    func modelCallStarted(_ session: SessionID) {
        publish(.draft(text: "", reset: true), session)
    }

    func modelText(_ session: SessionID, delta: String) {
        publish(.draft(text: delta, reset: false), session)
    }

    func modelCallEnded(_ session: SessionID, outcome: ModelCallOutcome) {}

    private func publish(_ event: ConversationEvent, _ session: SessionID) {
        guard let room = rooms.withLock({ $0[session] }) else { return }
        hub.publish(event, in: room)
    }
}

/// What each model call cost, on whose account.
struct ModelCallLedger: ModelCallRecorder {
    let database: Database
    let logger: Logger

    func record(_ call: ModelCallRecord) async {
        do {
            var entry = ModelCallEntry(
                session: call.session.session, conversation: call.session.conversation,
                requester: call.session.requester, tier: call.session.tier.rawValue, provider: call.provider,
                model: call.model, started: call.started)
            entry.inputTokens = Int(clamping: call.usage.input)
            entry.outputTokens = Int(clamping: call.usage.output)
            entry.cacheReadTokens = Int(clamping: call.usage.cacheRead)
            entry.cacheWriteTokens = Int(clamping: call.usage.cacheWrite)
            entry.microdollars = call.microdollars
            entry.milliseconds = call.duration.wholeMilliseconds
            entry.stopReason = call.stopReason
            entry.error = call.error
            try await database.recordModelCall(entry)
        } catch {
            logger.error("a model call could not be recorded", metadata: ["error": "\(error)"])
        }
    }
}

extension Duration {
    var wholeMilliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
