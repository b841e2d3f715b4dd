import Glibc
import Synchronization

/// The descriptors of one transport and who still uses them: they are closed when the last user is done, never under
/// the feet of a thread that could then read from somebody else's descriptor of the same number.
final class Descriptors: Sendable {
    let reading: CInt
    let writing: CInt
    let writesToSocket: Bool
    /// A socket pair whose other end is closed with the transport: that wakes threads out of `poll`.
    private let wake: CInt
    private let wakeSource: Mutex<CInt?>
    private let isOwner: Bool
    private let users = Mutex(0)

    init(reading: CInt, writing: CInt, isOwner: Bool) {
        self.reading = reading
        self.writing = writing
        self.isOwner = isOwner
        var ends: [CInt] = [-1, -1]
        // Must not be inherited: a child that held the other end would keep threads from being woken.
        let isMade = socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0
        wake = ends[0]
        wakeSource = Mutex(isMade ? ends[1] : nil)
        var status = stat()
        writesToSocket = fstat(writing, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
    }

    /// Why no thread may be started on these: nothing could end it.
    var failure: TransportError? {
        guard wake < 0 else { return nil }
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
        if wake >= 0 { Glibc.close(wake) }
        guard isOwner else { return }
        Glibc.close(reading)
        if writing != reading { Glibc.close(writing) }
    }

    func wakeAll() {
        wakeSource.withLock { source in
            if let descriptor = source { Glibc.close(descriptor) }
            source = nil
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
        var polled = [
            pollfd(fd: wake, events: Int16(POLLIN), revents: 0),
            pollfd(fd: descriptor, events: Int16(events), revents: 0),
        ]
        while poll(&polled, 2, -1) < 0, errno == EINTR || errno == EAGAIN {}
        return polled[0].revents != 0 ? .woken : .ready
    }
}

func systemError(_ number: CInt) -> String {
    var buffer = [CChar](repeating: 0, count: 128)
    guard strerror_r(number, &buffer, buffer.count) == 0 else { return "error \(number)" }
    return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}
