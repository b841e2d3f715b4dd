import Glibc

/// One program's connection, and its counterpart at the door; or, where there is none, the answer that says so.
final class ForwardedConnection {
    private let client: OpenFile
    private let door: OpenFile?
    private var up: Stream
    private var down: Stream
    private var isBroken = false
    /// It ends by then, whatever the program does: after an answer of our own, or the door's end.
    private(set) var deadline: ContinuousClock.Instant?

    init(client: OpenFile, door path: String) {
        self.client = client
        var yes: CInt = 1
        setsockopt(client.descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<CInt>.size))
        up = Stream(capacity: Self.bufferBytes)
        do throws(DoorProblem) {
            door = try Self.connect(path)
            down = Stream(capacity: Self.bufferBytes)
            deadline = nil
        } catch {
            door = nil
            // What the program sends is read and dropped: closing over unread bytes would take the answer from it.
            down = Stream(answer: Array(error.answer.utf8))
            deadline = .now + .seconds(5)
        }
    }

    func addEntries(to entries: inout [pollfd]) {
        func events(reads: Bool, writes: Bool) -> Int16 {
            Int16(reads ? POLLIN : 0) | Int16(writes ? POLLOUT : 0)
        }
        let own = events(reads: up.wantsInput, writes: down.hasOutput)
        // Nothing to wait for on one side: not to be woken by its hang-up for ever.
        entries.append(pollfd(fd: own == 0 ? -1 : client.descriptor, events: own, revents: 0))
        let other = events(reads: down.wantsInput, writes: door != nil && up.hasOutput)
        entries.append(pollfd(fd: other == 0 ? -1 : door?.descriptor ?? -1, events: other, revents: 0))
    }

    func move(client clientEvents: Int16, door doorEvents: Int16) {
        guard clientEvents != 0 || doorEvents != 0 else { return }
        let hasReset = (clientEvents | doorEvents) & Int16(POLLERR | POLLNVAL) != 0
        let isMoved: Bool
        if let door {
            isMoved = up.move(from: client, to: door) && down.move(from: door, to: client)
        } else {
            isMoved = up.drop(from: client) && down.move(from: nil, to: client)
        }
        if hasReset || !isMoved { isBroken = true }
        // The door has said all it has to say, and what the program sends is most likely its way out.
        if door != nil, down.isDone { deadline = .now + .seconds(30) }
    }

    func isOver(at now: ContinuousClock.Instant) -> Bool {
        isBroken || up.isDone && down.isDone || deadline.map { now >= $0 } ?? false
    }

    private static let bufferBytes = 64 << 10

    private enum DoorProblem: Error {
        case absent
        case busy

        /// Programs show the first line of an answer to CONNECT and nothing else, so the sentence is there, too.
        var answer: String {
            let (status, short, long) =
                switch self {
                case .absent:
                    (
                        403, "No network is granted here; ask with the tool egress_request",
                        "No network is granted in this sandbox. Ask for a host by its name with the tool egress_request; "
                            + "an administrator decides."
                    )
                case .busy:
                    (
                        503, "The egress door is busy; try again with fewer connections at once",
                        "The egress door takes no more connections at this moment. Try again with fewer at once."
                    )
                }
            return "HTTP/1.1 \(status) \(short)\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n"
                + "Content-Length: \(long.utf8.count + 1)\r\n\r\n\(long)\n"
        }
    }

    private static func connect(_ path: String) throws(DoorProblem) -> OpenFile {
        let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        let door = OpenFile(socket(AF_UNIX, kind, 0))
        guard door.descriptor >= 0 else { throw .busy }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let fits = withUnsafeMutableBytes(of: &address.sun_path) { room in
            guard path.utf8.count < room.count else { return false }
            room.copyBytes(from: path.utf8)
            return true
        }
        guard fits else { throw .absent }
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(door.descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0 ? 0 : errno
            }
        }
        guard status != EAGAIN else { throw .busy }
        guard status == 0 else { throw .absent }
        return door
    }

    /// One direction: what was read and not yet written.
    private struct Stream {
        private var buffer: [UInt8]
        private var start = 0
        private var end = 0
        private var isAtEnd = false
        /// The end was passed on.
        private(set) var isDone = false

        init(capacity: Int) { buffer = [UInt8](repeating: 0, count: capacity) }

        init(answer: [UInt8]) {
            buffer = answer
            end = answer.count
            isAtEnd = true
        }

        var hasOutput: Bool { end > start }
        var wantsInput: Bool { !isAtEnd && end == 0 }

        /// False where one side is broken. Once round, so that nobody is kept waiting.
        mutating func move(from source: OpenFile?, to target: OpenFile) -> Bool {
            if wantsInput, let source {
                let count = buffer.withUnsafeMutableBytes {
                    recv(source.descriptor, $0.baseAddress, $0.count, CInt(MSG_DONTWAIT))
                }
                if count > 0 { end = count }
                if count == 0 { isAtEnd = true }
                if count < 0, errno != EAGAIN, errno != EINTR { return false }
            }
            if hasOutput {
                let flags = CInt(MSG_DONTWAIT) | CInt(MSG_NOSIGNAL)
                let count = buffer.withUnsafeBytes {
                    send(target.descriptor, $0.baseAddress.map { $0 + start }, end - start, flags)
                }
                if count > 0 { start += count }
                if count < 0, errno != EAGAIN, errno != EINTR { return false }
                if start == end { (start, end) = (0, 0) }
            }
            if isAtEnd, !hasOutput, !isDone {
                isDone = true
                shutdown(target.descriptor, CInt(SHUT_WR))
            }
            return true
        }

        /// Reads to the end and keeps nothing.
        mutating func drop(from source: OpenFile) -> Bool {
            let count = buffer.withUnsafeMutableBytes {
                recv(source.descriptor, $0.baseAddress, $0.count, CInt(MSG_DONTWAIT))
            }
            if count == 0 { (isAtEnd, isDone) = (true, true) }
            return count >= 0 || errno == EAGAIN || errno == EINTR
        }
    }
}
