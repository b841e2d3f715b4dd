import Glibc
import MCP

/// Carries connections to a loopback port on to the egress door, a Unix socket: most programs can be told of a proxy, but
/// only of one with an address. It reads and decides nothing. One thread, a fixed number of connections, a fixed buffer
/// each way; what comes beyond that waits in the kernel's queue.
///
/// The programs here are hostile, and of this process's own uid. They can flood it, which costs them their own way out, and
/// no other thread of this process anything.
package final class Forwarder: Sendable {
    /// Connections at once.
    package static let maximumConnections = 64

    package let port: UInt16
    private let stopping: CancelSignal

    /// Listens at once: from here on nobody else can take the port, for nothing here lets it be shared. Throws where
    /// somebody has it. `port` 0: any. Serves until `stop`.
    package init(port: UInt16 = ProxyAddress.port, door: String = ProxyAddress.door) throws(ToolProblem) {
        // Close-on-exec, and children are spawned with no descriptor beyond 3 besides: no command inherits it.
        let listener = OpenFile(
            socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue), 0))
        guard listener.descriptor >= 0 else { throw ToolProblem(errno, "make", "a socket") }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                guard bind(listener.descriptor, $0, length) == 0, listen(listener.descriptor, 128) == 0,
                    getsockname(listener.descriptor, $0, &length) == 0
                else { return errno }
                return 0
            }
        }
        guard status == 0 else { throw ToolProblem(status, "listen on", "127.0.0.1:\(port)") }
        self.port = UInt16(bigEndian: address.sin_port)
        let stopping = CancelSignal()
        self.stopping = stopping
        let isRunning = DescriptorThread.start {
            var loop = ForwarderLoop(listener: listener, door: door, stopping: stopping)
            loop.run()
        }
        guard isRunning else { throw ToolProblem(EAGAIN, "start", "the forwarder") }
    }

    package func stop() { stopping.fire() }
}
