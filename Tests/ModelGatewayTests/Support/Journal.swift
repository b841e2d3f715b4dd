import Model
import Synchronization

@testable import ModelGateway

/// Remembers records and what an observer hears.
final class Journal: ModelCallRecorder, ModelStreamObserver {
    private let state = Mutex(
        (records: [ModelCallRecord](), text: "", turns: [MessageID](), outcomes: [ModelCallOutcome]()))

    var records: [ModelCallRecord] { state.withLock { $0.records } }
    var text: String { state.withLock { $0.text } }
    /// Of each call that was started, the turn it was for.
    var turns: [MessageID] { state.withLock { $0.turns } }
    var started: Int { turns.count }
    var outcomes: [ModelCallOutcome] { state.withLock { $0.outcomes } }

    /// Once a call has ended; empty where none does.
    func endings() async -> [ModelCallOutcome] {
        let deadline = ContinuousClock.now + .seconds(20)
        while outcomes.isEmpty, ContinuousClock.now < deadline { await Task.yield() }
        return outcomes
    }

    func record(_ call: ModelCallRecord) async { state.withLock { $0.records.append(call) } }
    func modelCallStarted(_ session: SessionID, turn: MessageID) { state.withLock { $0.turns.append(turn) } }
    func modelText(_ session: SessionID, turn: MessageID, delta: String) { state.withLock { $0.text += delta } }
    func modelCallEnded(_ session: SessionID, turn: MessageID, outcome: ModelCallOutcome) {
        state.withLock { $0.outcomes.append(outcome) }
    }
}

/// A clock whose waits up to a minute take no time and are written down. Longer ones are deadlines: they never come.
final class Waits: Sendable {
    private let waits = Mutex([Duration]())
    private let ahead = Mutex(Duration.zero)

    /// The uptime jumps.
    func advance(by duration: Duration) { ahead.withLock { $0 += duration } }

    var all: [Duration] { waits.withLock { $0 } }

    var clock: GatewayClock {
        GatewayClock(
            now: GatewayClock.system.now, uptime: { GatewayClock.system.uptime() + self.ahead.withLock { $0 } }
        ) { duration in
            guard duration <= .seconds(60) else { return try await Task.sleep(for: .seconds(3600)) }
            self.waits.withLock { $0.append(duration) }
            try Task.checkCancellation()
        }
    }
}
