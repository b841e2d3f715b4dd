internal import Synchronization

/// A value that can be replaced while others read it: what of the configuration takes effect without a restart.
package final class Reloadable<Value: Sendable>: Sendable {
    private let state: Mutex<Value>

    package init(_ value: Value) {
        state = Mutex(value)
    }

    package var current: Value {
        state.withLock { $0 }
    }

    package func replace(with value: Value) {
        state.withLock { $0 = value }
    }
}
