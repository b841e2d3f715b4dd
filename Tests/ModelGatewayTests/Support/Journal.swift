import Model
import Synchronization

@testable import ModelGateway

/// Remembers records and what an observer hears.
final class Journal: ModelCallRecorder, ModelStreamObserver {
    private let state = Mutex((records: [ModelCallRecord](), text: "", started: 0, outcomes: [ModelCallOutcome]()))

    var records: [ModelCallRecord] { state.withLock { $0.records } }
    var text: String { state.withLock { $0.text } }
    var started: Int { state.withLock { $0.started } }
    var outcomes: [ModelCallOutcome] { state.withLock { $0.outcomes } }

    /// Once a call has ended; empty where none does.
    func endings() async -> [ModelCallOutcome] {
        let deadline = ContinuousClock.now + .seconds(20)
        while outcomes.isEmpty, ContinuousClock.now < deadline { await Task.yield() }
        return outcomes
    }

    func record(_ call: ModelCallRecord) async { state.withLock { $0.records.append(call) } }
    func modelCallStarted(_ session: SessionID) { state.withLock { $0.started += 1 } }
    func modelText(_ session: SessionID, delta: String) { state.withLock { $0.text += delta } }
    func modelCallEnded(_ session: SessionID, outcome: ModelCallOutcome) {
        state.withLock { $0.outcomes.append(outcome) }
    }
}

/// A clock whose waits up to a minute take no time and are written down. Longer ones are deadlines: they never come.
final class Waits: Sendable {
    private let waits = Mutex([Duration]())

    var all: [Duration] { waits.withLock { $0 } }

    var clock: GatewayClock {
        GatewayClock(now: GatewayClock.system.now, uptime: GatewayClock.system.uptime) { duration in
            guard duration <= .seconds(60) else { return try await Task.sleep(for: .seconds(3600)) }
            self.waits.withLock { $0.append(duration) }
            try Task.checkCancellation()
        }
    }
}
