package import BrokerProtocol
internal import Dispatch
internal import DockerEngine
internal import Glibc
package import Logging
internal import MCP
internal import Synchronization

/// Serves a broker's vocabulary to the service user on a Unix socket, and to its own process over socket pairs.
package final class BrokerServer: Sendable {
    private let broker: Broker
    private let configuration: BrokerConfiguration
    private let logger: Logger
    private let sockets: AsyncStream<PacketSocket>
    private let accept: AsyncStream<PacketSocket>.Continuation
    /// The lock's descriptor while it is held; the kernel gives it up with the process.
    private let claimed = Mutex<CInt>(-1)

    package init(configuration: BrokerConfiguration, logger: Logger) throws(BrokerError) {
        broker = try Broker(configuration: configuration, logger: logger)
        self.configuration = configuration
        self.logger = logger
        (sockets, accept) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(8))
    }

    deinit {
        claimed.withLock { if $0 >= 0 { close($0) } }
    }

    /// Makes this the run directory's only broker, or throws where there is another: each removes what it does not know, the
    /// other's containers included. Serving on the socket claims it; a broker within another process does so itself.
    package func claim() throws(BrokerError) {
        let path = configuration.runDirectory + "/broker.lock"
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw BrokerError(.configuration, "cannot open \(path): \(message(errno))") }
        guard flock(file, LOCK_EX | LOCK_NB) == 0 else {
            close(file)
            throw BrokerError(
                .conflict, "another broker works in \(configuration.runDirectory), as a process or inside a daemon")
        }
        claimed.withLock { claimed in
            if claimed >= 0 { close(claimed) }
            claimed = file
        }
    }

    /// A connection for those who run the broker in their own process. That process is then root's equal.
    package func connectInProcess() throws(BrokerError) -> PacketSocket {
        let (ours, theirs) = try PacketSocket.pair()
        accept.yield(ours)
        return theirs
    }

    /// Serves until cancelled; then ends every container. With `listening`, on the configuration's socket too.
    package func run(listening: Bool = true) async throws {
        let door = listening ? try openSocket() : -1
        if listening { acceptConnections(door) }
        await withTaskCancellationHandler {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.broker.run() }
                for await socket in sockets {
                    group.addTask { await self.serve(socket) }
                }
                group.cancelAll()
            }
        } onCancel: {
            accept.finish()
            if listening { shutdown(door, CInt(SHUT_RDWR)) }
        }
        await broker.shutDown()
        if listening { unlink(configuration.socketPath) }
    }

    /// 0660, root and the service user's group; in a directory only root can change.
    private func openSocket() throws(BrokerError) -> CInt {
        let path = configuration.socketPath
        _ = try RootDirectory.prepare(configuration.runDirectory, mode: 0o755)
        if let other = try? PacketSocket.connect(to: path) {
            other.shut()
            throw BrokerError(.conflict, "another broker serves \(path)")
        }
        try claim()
        // Made beside and renamed: whoever sees the socket can connect to it, and nobody sees it with another owner or mode.
        let fresh = path + ".new"
        unlink(fresh)
        let door = socket(AF_UNIX, CInt(SOCK_SEQPACKET.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard door >= 0 else { throw BrokerError(.configuration, "no socket: \(message(errno))") }
        let result = try withSocketAddress(fresh) { bind(door, $0, $1) == 0 ? 0 : errno }
        guard result == 0, lchown(fresh, 0, configuration.serviceGID) == 0, chmod(fresh, Self.socketMode) == 0,
            listen(door, 8) == 0, rename(fresh, path) == 0
        else {
            close(door)
            throw BrokerError(.configuration, "cannot listen on \(path): \(message(result == 0 ? errno : result))")
        }
        return door
    }

    /// On a thread of its own until the socket is shut down.
    private func acceptConnections(_ door: CInt) {
        DispatchQueue(label: "broker.accept").async { [accept, configuration, logger] in
            defer { close(door) }
            while true {
                let descriptor = Glibc.accept(door, nil, nil)
                guard descriptor >= 0 else {
                    if errno == EINTR || errno == ECONNABORTED { continue }
                    if errno == EMFILE || errno == ENFILE || errno == ENOMEM {
                        usleep(100_000)
                        continue
                    }
                    return
                }
                _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
                let socket = PacketSocket(descriptor: descriptor)
                let uid = socket.peerUID()
                guard uid == configuration.serviceUID else {
                    logger.warning("connection refused", metadata: ["uid": "\(uid.map(String.init) ?? "unknown")"])
                    continue
                }
                accept.yield(socket)
            }
        }
    }

    /// One connection: requests are answered side by side, at most `maximumConcurrent` at once.
    private func serve(_ socket: PacketSocket) async {
        let client = await broker.connected { message in
            do {
                try socket.send(message.json.serialized())
            } catch {
                // It does not read what it is told: it is not there.
                socket.shut()
            }
        }
        // Raised from nothing: libdispatch traps when a semaphore goes with fewer permits than it was made with, and a
        // connection goes with one taken.
        let permits = DispatchSemaphore(value: 0)
        for _ in 0..<Self.maximumConcurrent { permits.signal() }
        let (packets, arrived) = AsyncStream<[UInt8]>.makeStream()
        DispatchQueue(label: "broker.connection").async {
            // The semaphore bounds the stream. A broken connection is an ended one.
            while permits.wait(timeout: .distantFuture) == .success, let packet = try? socket.receive() {
                // Nobody has a reason to send us descriptors.
                packet.closeDescriptors()
                arrived.yield(packet.bytes)
            }
            arrived.finish()
        }
        await withTaskCancellationHandler {
            await withDiscardingTaskGroup { group in
                for await bytes in packets {
                    group.addTask {
                        await self.answer(bytes, client: client, socket: socket)
                        permits.signal()
                    }
                }
            }
        } onCancel: {
            socket.shut()
        }
        await broker.disconnected(client)
    }

    static let socketMode: mode_t = 0o660

    private static let maximumConcurrent = 32

    private func answer(_ bytes: [UInt8], client: Broker.ClientID, socket: PacketSocket) async {
        guard let (id, request) = Self.request(bytes) else {
            // Not one of our clients. There is no id to answer to.
            logger.warning("not a request, connection closed")
            socket.shut()
            return
        }
        var answer: BrokerMessage
        var descriptors: [CInt] = []
        do {
            let (result, passed) = try await broker.handle(try request.get(), from: client)
            answer = .success(id: id, result)
            descriptors = passed
        } catch let error as BrokerError {
            answer = .failure(id: id, error)
        } catch let error as EngineError {
            answer = .failure(
                id: id, BrokerError(error.code == .noSuchImage ? .image : .engine, error.message))
        } catch {
            answer = .failure(id: id, BrokerError(.engine, "\(error)"))
        }
        // The other side has its own copies, or there is no other side.
        defer { for descriptor in descriptors { close(descriptor) } }
        do {
            try socket.send(answer.json.serialized(), descriptors: descriptors)
        } catch {
            socket.shut()
        }
    }

    /// The number of a request and what it asks; `nil` for what is no request at all.
    package static func request(_ bytes: [UInt8]) -> (Int64, Result<BrokerRequest, BrokerError>)? {
        let limits = JSONLimits(maximumDepth: 4, maximumBytes: PacketSocket.maximumPacket)
        guard let value = try? JSONValue(parsing: bytes, limits: limits), var object = value.objectValue,
            case .int(let id)? = object["id"]
        else { return nil }
        object["id"] = nil
        do throws(BrokerError) {
            return (id, .success(try BrokerRequest(object)))
        } catch {
            return (id, .failure(error))
        }
    }
}
