import CLinux
import Glibc
import MCP

/// `bulkhead-agent loop`: the agent as the only process of its container.
package enum AgentProcess {
    package static let defaultDoor = "/run/bulkhead/model.sock"

    /// Serves on standard input and output until the harness closes them. The exit status: 0 where it did, 1 where the
    /// loop gave up (standard error says why), 2 where the process could not lock itself and therefore did nothing.
    package static func run(door: String) async -> CInt {
        clinux_prepare_signals()
        // Its descriptors are made before the lock, which knows no way to make any but the door's.
        let transport = DescriptorTransport(
            reading: STDIN_FILENO, writing: STDOUT_FILENO, ownsDescriptors: false)
        guard clinux_set_dumpable(0) == 0, clinux_lock_agent() == 0 else {
            log("the system call filter could not be installed: \(String(cString: strerror(errno)))")
            return 2
        }
        let loop = AgentLoop(harness: transport, door: UnixModelDoor(path: door), log: log)
        do {
            try await loop.run()
            return 0
        } catch {
            log("the agent ends: \(error)")
            return 1
        }
    }

    /// One line on standard error, in one write, without the control characters that could draw on a terminal.
    @Sendable package static func log(_ text: String) {
        var line = text.unicodeScalars.prefix(2000).map { scalar -> Character in
            scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) ? " " : Character(scalar)
        }
        line.append("\n")
        let bytes = Array(String(line).utf8)
        _ = bytes.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }
}
