import Synchronization

/// Collects what a callback is told.
final class Heard: Sendable {
    private let noted = Mutex<[String]>([])
    func note(_ text: String) { noted.withLock { $0.append(text) } }
    var all: [String] { noted.withLock(\.self) }
}
