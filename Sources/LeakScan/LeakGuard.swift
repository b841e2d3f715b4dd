package import Model
internal import Synchronization

/// A live secret to look for. `name` is what people know it by; it is no secret itself.
package struct LeakSecret: Hashable, Sendable {
    /// Unique among live secrets.
    package let id: String
    package let name: String
    package let value: [UInt8]

    package init(id: String, name: String, value: [UInt8]) {
        self.id = id
        self.name = name
        self.value = value
    }
}

/// The live secrets to look for in what leaves, and where one may pass. A net for accidents, not a wall.
package final class LeakGuard: Sendable {
    private struct State {
        var secrets: [LeakSecret] = []
        var exemptions: [SessionID: Set<String>] = [:]
    }

    private let state = Mutex(State())

    package init() {}

    /// From now on these are looked for, and no others.
    package func replace(with secrets: [LeakSecret]) {
        state.withLock { $0.secrets = secrets }
    }

    /// The session was given the secret in the clear: for it alone it passes, until `forget`.
    package func exempt(_ secret: String, in session: SessionID) {
        state.withLock { _ = $0.exemptions[session, default: []].insert(secret) }
    }

    package func forget(_ session: SessionID) {
        state.withLock { $0.exemptions[session] = nil }
    }
}
