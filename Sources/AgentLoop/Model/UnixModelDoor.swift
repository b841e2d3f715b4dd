import Glibc
import MCP
import Synchronization

/// The Messages API on a Unix socket: one connection a call, worked by a thread of its own, because nothing that blocks
/// may run on Swift's few task threads.
package struct UnixModelDoor: ModelDoor {
    package struct Deadlines: Sendable {
        /// Without a single byte. The gateway passes the provider's pings on, and retries behind a silent door.
        package var silence: Duration
        package var whole: Duration

        package init(silence: Duration = .seconds(300), whole: Duration = .seconds(1800)) {
            self.silence = silence
            self.whole = whole
        }
    }

    private let path: String
    private let deadlines: Deadlines

    package init(path: String, deadlines: Deadlines = Deadlines()) {
        self.path = path
        self.deadlines = deadlines
    }

    package nonisolated(nonsending) func answer(_ request: [UInt8]) async throws(ModelFailure) -> ModelMessage {
        let connection = try Connection(path: path)
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation {
                (continuation: CheckedContinuation<Result<ModelMessage, ModelFailure>, Never>) in
                let isRunning = DescriptorThread.start { [deadlines] in
                    let call = ModelCall(connection: connection, deadlines: deadlines)
                    continuation.resume(returning: call.run(request))
                }
                if !isRunning {
                    let failure = ModelFailure(.unreachable, "there is no thread left to call the model on")
                    continuation.resume(returning: .failure(failure))
                }
            }
        } onCancel: {
            connection.interrupt()
        }
        return try result.get()
    }

    /// A connected, non-blocking socket.
    final class Connection: Sendable {
        let descriptor: CInt

        init(path: String) throws(ModelFailure) {
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            let capacity = MemoryLayout.size(ofValue: address.sun_path)
            guard path.utf8.count < capacity, !path.utf8.contains(0) else {
                throw ModelFailure(.unreachable, "the path of the model's door is longer than \(capacity - 1) bytes")
            }
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
            descriptor = socket(
                AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
            guard descriptor >= 0 else {
                throw ModelFailure(.unreachable, "no socket to the model's door: \(String(cString: strerror(errno)))")
            }
            // A Unix socket connects at once or not at all: a full queue at the gateway is an error here, never a wait.
            let status = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            guard status == 0 else {
                let reason = String(cString: strerror(errno))
                close(descriptor)
                throw ModelFailure(.unreachable, "the model's door does not open (\(reason))")
            }
        }

        /// From another thread: reads and writes end. The descriptor stays taken until the last user is gone.
        func interrupt() { shutdown(descriptor, CInt(SHUT_RDWR)) }

        deinit { close(descriptor) }
    }
}
