internal import NIOCore
internal import Synchronization

/// A connection from before it is decided on until it is recorded: what a revocation finds.
final class LiveConnection: Sendable {
    struct Ended: Error {
        var reason: String
    }

    let request: EgressRequest
    private let client: any Channel

    private struct State {
        var host: (any Channel)?
        var reason: String?
        var isUnnamed = false
    }
    private let state = Mutex(State())

    init(_ request: EgressRequest, client: any Channel) {
        self.request = request
        self.client = client
    }

    /// Why it was ended from outside.
    var reason: String? { state.withLock(\.reason) }
    /// Whether it is a tunnel that only an entry for unnamed ones allows.
    var isUnnamed: Bool {
        get { state.withLock(\.isUnnamed) }
        set { state.withLock { $0.isUnnamed = newValue } }
    }

    /// The connection to the host is this one's from here on. Throws, and closes it, where this was ended meanwhile.
    func attach(_ host: any Channel) throws(Ended) {
        let reason = state.withLock { state in
            state.host = host
            return state.reason
        }
        guard let reason else { return }
        host.close(promise: nil)
        throw Ended(reason: reason)
    }

    func check() throws(Ended) {
        if let reason { throw Ended(reason: reason) }
    }

    /// At once, whatever is under way. The first reason counts.
    func end(_ reason: String) {
        let host = state.withLock { state in
            if state.reason == nil { state.reason = reason }
            return state.host
        }
        client.close(promise: nil)
        host?.close(promise: nil)
    }
}
