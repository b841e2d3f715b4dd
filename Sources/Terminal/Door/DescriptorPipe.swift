internal import Glibc

/// Copies bytes both ways between standard input/output and a socket, holding at most one buffer per direction: a side
/// that does not read stops the other.
package enum DescriptorPipe {
    package enum Ending: Sendable {
        case inputClosedFirst, socketClosedFirst
    }

    private struct Direction {
        let from: Int32
        let to: Int32
        var buffer: [UInt8] = []
        var isOpen = true

        var wantsInput: Bool { isOpen && buffer.isEmpty }
        var wantsOutput: Bool { !buffer.isEmpty }
    }

    /// Blocks until the socket is closed, or the input is and everything the daemon still had to say has come.
    package static func join(socket: Int32, input: Int32 = STDIN_FILENO, output: Int32 = STDOUT_FILENO) -> Ending {
        // Ours alone; the other two may be shared with other processes and stay as they are.
        _ = fcntl(socket, F_SETFL, fcntl(socket, F_GETFL) | O_NONBLOCK)
        var up = Direction(from: input, to: socket)
        var down = Direction(from: socket, to: output)
        while true {
            var waits = [
                pollfd(fd: up.wantsInput ? up.from : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: up.wantsOutput ? up.to : -1, events: Int16(POLLOUT), revents: 0),
                pollfd(fd: down.wantsInput ? down.from : -1, events: Int16(POLLIN), revents: 0),
                pollfd(fd: down.wantsOutput ? down.to : -1, events: Int16(POLLOUT), revents: 0),
            ]
            guard poll(&waits, nfds_t(waits.count), -1) >= 0 || errno == EINTR else { return .socketClosedFirst }
            if waits[0].revents != 0 {
                receive(&up)
                // The client is done; the daemon may still have answers on the way.
                if !up.isOpen, up.buffer.isEmpty { shutdown(socket, Int32(SHUT_WR)) }
            }
            if waits[1].revents != 0 {
                _ = deliver(&up)
                if !up.isOpen, up.buffer.isEmpty { shutdown(socket, Int32(SHUT_WR)) }
            }
            if waits[2].revents != 0 { receive(&down) }
            if waits[3].revents != 0, !deliver(&down) { return .inputClosedFirst }
            if !down.isOpen, down.buffer.isEmpty { return up.isOpen ? .socketClosedFirst : .inputClosedFirst }
        }
    }

    private static func receive(_ direction: inout Direction) {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = read(direction.from, &buffer, buffer.count)
        if count > 0 {
            direction.buffer = Array(buffer[..<count])
        } else if count == 0 || (errno != EINTR && errno != EAGAIN) {
            direction.isOpen = false
        }
    }

    /// A pipe that polls writable takes this much without blocking (`PIPE_BUF`): blocking in one direction while the
    /// other waits would be a deadlock.
    private static let portion = 4096

    /// False where nobody reads any more.
    private static func deliver(_ direction: inout Direction) -> Bool {
        let count = direction.buffer.withUnsafeBytes {
            write(direction.to, $0.baseAddress, min($0.count, portion))
        }
        if count > 0 {
            direction.buffer.removeFirst(count)
        } else if count < 0, errno != EINTR, errno != EAGAIN {
            direction.buffer = []
            direction.isOpen = false
            return false
        }
        return true
    }
}
