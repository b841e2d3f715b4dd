import Synchronization

/// In place of a clock: pauses end at once and are noted.
final class PauseRecorder: Sendable {
    private let noted = Mutex<[Duration]>([])
    func note(_ duration: Duration) { noted.withLock { $0.append(duration) } }
    var all: [Duration] { noted.withLock(\.self) }
}
