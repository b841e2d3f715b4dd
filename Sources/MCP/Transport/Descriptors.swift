import Glibc
import Synchronization

/// The descriptors of one transport and who still uses them: they are closed when the last user is done, never under
/// the feet of a thread that could then read from somebody else's descriptor of the same number.
final class Descriptors: Sendable {
    let reading: CInt
    let writing: CInt
    let writesToSocket: Bool
    private let isOwner: Bool
    private let users = Mutex(0)
    /// What wakes threads out of `poll` when the transport is closed. A socket of our own is shut down for that; next to
    /// anything else they watch a socket pair whose other end is closed. That costs two descriptors more, of which a
    /// process with hundreds of connections has none to waste.
    private let wake: Wake
    private let wakeSource: Mutex<Wake>

    private enum Wake {
        case shutdown
        case pair(CInt)
        case none
    }

    init(reading: CInt, writing: CInt, isOwner: Bool) {
        self.reading = reading
        self.writing = writing
        self.isOwner = isOwner
        var status = stat()
        writesToSocket = fstat(writing, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
        if isOwner, reading == writing, writesToSocket {
            wake = .shutdown
            wakeSource = Mutex(.shutdown)
            return
        }
        var ends: [CInt] = [-1, -1]
        // Must not be inherited: a child that held the other end would keep threads from being woken.
        let isMade = socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0
        wake = isMade ? .pair(ends[0]) : .none
        wakeSource = Mutex(isMade ? .pair(ends[1]) : .none)
    }

    /// Why no thread may be started on these: nothing could end it.
    var failure: TransportError? {
        guard case .none = wake else { return nil }
        return TransportError(code: .inputOutput, message: "the system has no descriptors left for a connection")
    }

    func retain() {
        users.withLock { $0 += 1 }
    }

    func release() {
        let isLast = users.withLock { count in
            count -= 1
            return count == 0
        }
        guard isLast else { return }
        if case .pair(let descriptor) = wake { Glibc.close(descriptor) }
        guard isOwner else { return }
        Glibc.close(reading)
        if writing != reading { Glibc.close(writing) }
    }

    /// To be called by a user, before its `release`. Acts once.
    func wakeAll() {
        let source = wakeSource.withLock { source in
            defer { source = .none }
            return source
        }
        switch source {
        case .shutdown: Glibc.shutdown(reading, CInt(SHUT_RDWR))
        case .pair(let descriptor): Glibc.close(descriptor)
        case .none: break
        }
    }

    /// Whether writing would not block right now.
    var isWritable: Bool {
        var polled = pollfd(fd: writing, events: Int16(POLLOUT), revents: 0)
        return poll(&polled, 1, 0) == 1 && Int32(polled.revents) & POLLOUT != 0
    }

    /// Whether the peer will send no more, apart from what is already on its way.
    var isHungUp: Bool {
        // POLLRDHUP, which glibc shows to those who ask for GNU extensions only.
        let readHangUp: Int16 = 0x2000
        var polled = pollfd(fd: reading, events: readHangUp, revents: 0)
        return poll(&polled, 1, 0) == 1 && polled.revents & (readHangUp | Int16(POLLHUP | POLLERR)) != 0
    }

    enum Readiness { case ready, woken }

    /// Blocks until `descriptor` is ready for `events` (or broken, which the following call will tell), or until
    /// `wakeAll`.
    func wait(_ descriptor: CInt, _ events: Int32) -> Readiness {
        var polled = (
            pollfd(fd: -1, events: Int16(POLLIN), revents: 0), pollfd(fd: descriptor, events: Int16(events), revents: 0)
        )
        if case .pair(let descriptor) = wake { polled.0.fd = descriptor }
        withUnsafeMutableBytes(of: &polled) { bytes in
            let entries = bytes.bindMemory(to: pollfd.self)
            while poll(entries.baseAddress, 2, -1) < 0, errno == EINTR || errno == EAGAIN {}
        }
        return polled.0.revents != 0 ? .woken : .ready
    }
}

func systemError(_ number: CInt) -> String {
    var buffer = [CChar](repeating: 0, count: 128)
    guard strerror_r(number, &buffer, buffer.count) == 0 else { return "error \(number)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}
