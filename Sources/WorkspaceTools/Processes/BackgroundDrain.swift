import Glibc
import MCP
import Synchronization

/// Keeps reading what background processes print after their call is over, and throws it away: a closed pipe would end
/// a server at its next log line. A few at a time; beyond that the pipe is closed.
enum BackgroundDrain {
    private static let maximum = 16
    private static let running = Mutex(0)

    static func take(_ pipe: OpenFile) {
        let isAllowed = running.withLock { count in
            guard count < maximum else { return false }
            count += 1
            return true
        }
        guard isAllowed else { return }
        let isStarted = DescriptorThread.start {
            drain(pipe)
            running.withLock { $0 -= 1 }
        }
        if !isStarted { running.withLock { $0 -= 1 } }
    }

    private static func drain(_ pipe: OpenFile) {
        _ = fcntl(pipe.descriptor, F_SETFL, 0)
        var bytes = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(pipe.descriptor, &bytes, bytes.count)
            if count == 0 || count < 0 && errno != EINTR { return }
        }
    }
}
