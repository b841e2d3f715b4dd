internal import Model
internal import Synchronization

/// Whether what was said while nobody listened is still being looked for. Until it is found, what comes now may be a reply to
/// something nobody here has heard yet.
package final class SlackGap: Sendable {
    private let counts = Mutex<(opened: Int, closed: Int)>((0, 0))
    /// So long after it was said such a reply is waited with, whatever keeps the search from ending.
    static let patience = Duration.seconds(600)

    package init() {}

    package var isOpen: Bool { counts.withLock { $0.opened > $0.closed } }

    /// Nobody listened until now.
    func open() { counts.withLock { $0.opened += 1 } }

    /// How many there were: to be closed when the search that begins now is over. One that is opened meanwhile stays open.
    var number: Int { counts.withLock { $0.opened } }

    func close(upTo number: Int) { counts.withLock { $0.closed = max($0.closed, number) } }
}

/// An event that may be understood wrongly until the search is over: it is begun again then.
struct SlackWaitsForGap: Error {}
