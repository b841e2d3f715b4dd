import Glibc
import Synchronization

/// The writing half of a descriptor transport. Messages gather in one buffer that a thread writes out, so that whatever
/// piles up while a write is under way goes out in the next one. On a socket the sender first tries by itself, without
/// blocking, and the thread is started only when the peer is slower than that.
final class DescriptorWriter: Sendable {
    private struct State {
        var pending: [UInt8] = []
        /// How many bytes the thread has taken to write them.
        var taken = 0
        /// The thread has taken bytes out of `pending` and is not done with them.
        var isWriting = false
        var hasThread = false
        var isClosed = false
        var failure: TransportError?
        var senders = WaitingSenders()
    }

    private let descriptors: Descriptors
    private let limits: TransportLimits
    private let state = Mutex(State())
    private let work = Semaphore(0)

    init(_ descriptors: Descriptors, limits: TransportLimits) {
        self.descriptors = descriptors
        self.limits = limits
        descriptors.retain()
        state.withLock { $0.failure = descriptors.failure }
    }

    nonisolated(nonsending) func send(_ messages: [[UInt8]]) async throws {
        guard !messages.isEmpty else { return }
        try state.withLock { state in
            if let failure = state.failure { throw failure }
            guard !state.isClosed else { throw TransportError.closed }
            for message in messages {
                state.pending.append(contentsOf: message)
                state.pending.append(0x0A)
            }
            if descriptors.writesToSocket, !state.isWriting { try writeToSocket(&state) }
            if !state.pending.isEmpty { try wakeThread(&state) }
        }
        await waitForRoom()
    }

    func close() {
        let waiters = state.withLock { state in
            guard !state.isClosed else { return [WaitingSenders.Continuation]() }
            state.isClosed = true
            if state.hasThread {
                work.signal()
            } else {
                descriptors.release()
            }
            return state.senders.takeAll()
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Suspends while more is pending than may be, unless the task is cancelled: the message is in the buffer already.
    nonisolated(nonsending) private func waitForRoom() async {
        guard let ticket = state.withLock({ isFull($0) ? $0.senders.ticket() : nil }) else { return }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mustWait = state.withLock { state in
                    guard isFull(state), !Task.isCancelled else { return false }
                    state.senders.add(ticket, continuation)
                    return true
                }
                if !mustWait { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.senders.take(ticket) }?.resume()
        }
    }

    private func isFull(_ state: borrowing State) -> Bool {
        state.pending.count + state.taken > limits.maximumPendingBytes && !state.isClosed && state.failure == nil
    }

    /// Under the lock, so that bytes keep their order; never blocks.
    private func writeToSocket(_ state: inout State) throws {
        var written = 0
        defer { state.pending.removeFirst(written) }
        while written < state.pending.count {
            let count = state.pending.withUnsafeBytes {
                Glibc.send(
                    descriptors.writing, $0.baseAddress?.advanced(by: written), $0.count - written,
                    CInt(MSG_NOSIGNAL | MSG_DONTWAIT))
            }
            if count > 0 {
                written += count
                continue
            }
            switch errno {
            case EINTR: continue
            case EAGAIN: return
            case let number:
                let failure = Self.failure(number)
                state.failure = failure
                throw failure
            }
        }
    }

    private func wakeThread(_ state: inout State) throws {
        if !state.hasThread {
            guard DescriptorThread.start({ [self] in run() }) else {
                let failure = TransportError(
                    code: .inputOutput, message: "the system refuses another thread for writing")
                state.failure = failure
                throw failure
            }
            state.hasThread = true
        }
        if !state.isWriting {
            state.isWriting = true
            work.signal()
        }
    }

    // MARK: The thread

    private func run() {
        defer { descriptors.release() }
        while true {
            work.wait()
            while true {
                let (bytes, waiters, isDone) = state.withLock { state in
                    let bytes = state.pending
                    state.pending = []
                    state.taken = bytes.count
                    if bytes.isEmpty { state.isWriting = false }
                    // Decided under the same lock that `send` takes: what it accepted before is written first.
                    return (bytes, isFull(state) ? [] : state.senders.takeAll(), bytes.isEmpty && state.isClosed)
                }
                for waiter in waiters { waiter.resume() }
                if isDone { return }
                guard !bytes.isEmpty else { break }
                write(bytes)
            }
        }
    }

    /// Writes everything, or notes why not. A pipe is given no more at a time than it has room for once it is
    /// writable, so that this never blocks in `write` and closing always gets through.
    private func write(_ bytes: [UInt8]) {
        var written = 0
        while written < bytes.count {
            let isClosed = descriptors.wait(descriptors.writing, POLLOUT) == .woken
            let count = bytes.withUnsafeBytes { bytes in
                let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
                guard !descriptors.writesToSocket else {
                    return Glibc.send(
                        descriptors.writing, rest.baseAddress, rest.count,
                        CInt(MSG_NOSIGNAL | MSG_DONTWAIT))
                }
                guard !isClosed || descriptors.isWritable else {
                    errno = EAGAIN
                    return -1
                }
                return Glibc.write(descriptors.writing, rest.baseAddress, min(rest.count, Int(PIPE_BUF)))
            }
            if count > 0 {
                written += count
                continue
            }
            let number = errno
            if number == EINTR || number == EAGAIN && !isClosed { continue }
            let waiters = state.withLock { state in
                state.failure = isClosed ? .closed : Self.failure(number)
                state.pending = []
                return state.senders.takeAll()
            }
            for waiter in waiters { waiter.resume() }
            return
        }
    }

    private static func failure(_ number: CInt) -> TransportError {
        switch number {
        case EPIPE, ECONNRESET: TransportError(code: .closed, message: "the peer reads no more")
        default: TransportError(code: .inputOutput, message: "writing failed: \(systemError(number))")
        }
    }
}
