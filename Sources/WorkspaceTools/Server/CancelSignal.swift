import CLinux
import Glibc
import Synchronization

/// A cancellation that a blocking thread can wait for beside other descriptors.
package final class CancelSignal: Sendable {
    /// Readable once cancelled. -1 where the system had none left; `isCancelled` holds all the same.
    let descriptor: CInt
    private let state = Atomic(false)

    package init() {
        descriptor = clinux_open_wake()
    }

    package var isCancelled: Bool { state.load(ordering: .acquiring) }

    package func fire() {
        state.store(true, ordering: .releasing)
        if descriptor >= 0 { clinux_wake(descriptor) }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }
}
