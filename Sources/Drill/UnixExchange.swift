internal import Glibc
internal import NIOCore
internal import NIOPosix

/// A Unix socket without a file, so that none can be left behind, and one exchange of bytes with who listens there.
struct UnixExchange: Sendable {
    /// Nobody else guesses it, and nobody else's connection is answered.
    private let name = "bulkhead-drill-" + Nonces.word()

    static let maximumAnswer = 64 << 10

    /// The listening descriptor is the caller's.
    func listen() throws -> CInt {
        let descriptor = try Self.socket()
        guard try withAddress({ bind(descriptor, $0, $1) }) == 0, Glibc.listen(descriptor, 64) == 0 else {
            Glibc.close(descriptor)
            throw DrillFailure("no socket for the drill's own door: \(String(cString: strerror(errno)))")
        }
        return descriptor
    }

    /// What the other side answers until it closes, or until `limit` is over.
    func exchange(_ bytes: [UInt8], within limit: Duration = .seconds(5)) async throws -> [UInt8] {
        let descriptor = try Self.socket()
        guard try withAddress({ connect(descriptor, $0, $1) }) == 0 else {
            Glibc.close(descriptor)
            throw DrillFailure("the drill's own door cannot be reached: \(String(cString: strerror(errno)))")
        }
        let answer = MultiThreadedEventLoopGroup.singleton.any().makePromise(of: [UInt8].self)
        let channel: any Channel
        do {
            channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHandler(Collector(answer))
                    }
                }.withConnectedSocket(descriptor).get()
        } catch {
            answer.fail(error)
            throw error
        }
        let seconds = limit.components.seconds
        channel.eventLoop.scheduleTask(in: .seconds(seconds)) { channel.close(promise: nil) }
        // A door that closes before it has read is an answer too.
        try? await channel.writeAndFlush(ByteBuffer(bytes: bytes))
        return try await answer.futureResult.get()
    }

    private static func socket() throws -> CInt {
        let descriptor = Glibc.socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw DrillFailure("no socket: \(String(cString: strerror(errno)))") }
        return descriptor
    }

    private func withAddress(_ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt) throws -> CInt {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // After a zero: the name is no path.
        withUnsafeMutableBytes(of: &address.sun_path) { path in
            UnsafeMutableRawBufferPointer(rebasing: path.dropFirst()).copyBytes(from: name.utf8)
        }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + 1 + name.utf8.count)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer

        private let answer: EventLoopPromise<[UInt8]>
        private var held: [UInt8] = []

        init(_ answer: EventLoopPromise<[UInt8]>) { self.answer = answer }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            held += unwrapInboundIn(data).readableBytesView
            if held.count > UnixExchange.maximumAnswer { context.close(promise: nil) }
        }

        func channelInactive(context: ChannelHandlerContext) { answer.succeed(held) }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
