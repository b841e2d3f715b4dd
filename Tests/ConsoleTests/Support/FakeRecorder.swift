import Console
import Synchronization

/// Remembers what was recorded; fails on demand, as a full disk would.
final class FakeRecorder: ConsoleRecorder {
    struct Full: Error {}

    private let state = Mutex<(events: [ConsoleEvent], fails: Bool)>(([], false))

    var events: [ConsoleEvent] { state.withLock { $0.events } }

    func of(_ kind: ConsoleEvent.Kind) -> [ConsoleEvent] { events.filter { $0.kind == kind } }

    func fail(_ fails: Bool = true) { state.withLock { $0.fails = fails } }

    func record(_ event: ConsoleEvent) async throws {
        try state.withLock { state in
            guard !state.fails else { throw Full() }
            state.events.append(event)
        }
    }
}
