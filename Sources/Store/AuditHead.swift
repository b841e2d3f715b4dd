import Dispatch
import Glibc
import Synchronization

/// The newest audit row, written beside the database and fsynced after every group of rows. A database whose newest row
/// is older than this was cut short, or is an older copy put back.
///
/// It follows the rows by a few milliseconds, on a thread of its own, since waiting for it would double what an
/// append costs; while it is behind, the next group may overtake it, and then it writes the newer one. A crash leaves it
/// behind, never ahead. Where it cannot be written, appends fail until it can.
final class AuditHead: Sendable {
    private struct State {
        /// The newest row that is not witnessed yet.
        var next: AuditTail?
        var isFollowing = false
        var failure: StoreError?
    }

    private let path: String
    private let descriptor: CInt
    private let state = Mutex(State())
    /// Held while the line is written or read, so that no reader sees half of one.
    private let line = Mutex(())
    private let queue = DispatchQueue(label: "bulkhead.store.audit-head", qos: .userInitiated)

    init(path: String) throws {
        self.path = path
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw StoreError(path: path, operation: "opening", errno: errno) }
    }

    deinit {
        close(descriptor)
    }

    /// Witnesses `tail`, or a newer one, soon.
    func follow(_ tail: AuditTail) {
        let starts = state.withLock { state in
            state.next = tail
            defer { state.isFollowing = true }
            return !state.isFollowing
        }
        if starts { queue.async { self.drain() } }
    }

    /// Throws where the last attempt to witness failed, and tries again.
    func checkWitness() throws {
        guard let failure = state.withLock({ $0.failure }) else { return }
        queue.async { self.drain() }
        throw failure
    }

    /// Waits for what is to be witnessed.
    func finish() {
        queue.sync {}
    }

    /// Once what was given to `follow` before has been written, or could not be.
    func settled() async {
        await withCheckedContinuation { continuation in queue.async { continuation.resume() } }
    }

    private func drain() {
        while true {
            let tail = state.withLock { state in
                if state.next == nil { state.isFollowing = false }
                return state.next
            }
            guard let tail else { return }
            do {
                try write(tail)
                state.withLock { state in
                    state.failure = nil
                    if state.next == tail { state.next = nil }
                }
            } catch {
                state.withLock { state in
                    state.failure = StoreError(error, path: path)
                    state.isFollowing = false
                }
                return
            }
        }
    }

    /// One line of fixed length in place: shorter than a disk sector, so that it is written whole or not at all.
    func write(_ tail: AuditTail) throws {
        let number = String(tail.sequence)
        let zeros = String(repeating: "0", count: max(0, 20 - number.utf8.count))
        let bytes = Array((zeros + number + " " + tail.digest.hex + "\n").utf8)
        let written = line.withLock { _ in pwrite(descriptor, bytes, bytes.count, 0) }
        guard written == bytes.count, fdatasync(descriptor) == 0 else {
            throw StoreError(path: path, operation: "writing", errno: errno)
        }
    }

    var isEmpty: Bool {
        get throws {
            var information = stat()
            guard fstat(descriptor, &information) == 0 else {
                throw StoreError(path: path, operation: "fstat", errno: errno)
            }
            return information.st_size == 0
        }
    }

    /// `nil` where none was written yet. Throws where the file holds something else.
    func read() throws -> AuditTail? {
        var bytes = [UInt8](repeating: 0, count: 128)
        let count = line.withLock { _ in pread(descriptor, &bytes, bytes.count, 0) }
        guard count > 0 else { return nil }
        let parts = String(decoding: bytes.prefix(count), as: UTF8.self).split(separator: " ")
        guard parts.count == 2, let sequence = Int64(parts[0]), sequence >= 0,
            let digest = [UInt8](hex: String(parts[1].prefix { $0 != "\n" })), digest.count == 32
        else {
            throw StoreError(.broken, "\(path), which holds the end of the audit, is damaged.")
        }
        return AuditTail(sequence: sequence, digest: digest)
    }
}

extension [UInt8] {
    package var hex: String {
        let digits = Array<UInt8>("0123456789abcdef".utf8)
        return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }

    package init?(hex text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count.isMultiple(of: 2) else { return nil }
        self = []
        reserveCapacity(bytes.count / 2)
        for index in stride(from: 0, to: bytes.count, by: 2) {
            guard let value = UInt8(String(decoding: bytes[index..<index + 2], as: UTF8.self), radix: 16) else {
                return nil
            }
            append(value)
        }
    }
}
