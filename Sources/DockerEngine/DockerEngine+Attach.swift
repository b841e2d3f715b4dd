package import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// A container's standard streams.
package struct ContainerStreams: Sendable {
    /// Demultiplexed. Not reading stops the container's writes once the buffers between are full.
    package let output: NIOAsyncChannelInboundStream<ContainerOutput>
    /// Suspends while the container does not read; `finish()` is end of file on its stdin.
    package let input: NIOAsyncChannelOutboundWriter<ByteBuffer>
}

extension DockerEngine {
    /// Attaches for as long as `body` runs.
    package func attach<Result: Sendable>(
        _ id: String, body: @Sendable (ContainerStreams) async throws -> Result
    ) async throws -> Result {
        let version = try await spokenVersion()
        let upgrade: EventLoopFuture<NIOAsyncChannel<ContainerOutput, ByteBuffer>>
        do {
            upgrade = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .channelOption(.allowRemoteHalfClosure, value: true)
                .connectTimeout(.seconds(5))
                .connect(unixDomainSocketPath: socketPath) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let promise = channel.eventLoop.makePromise(
                            of: NIOAsyncChannel<ContainerOutput, ByteBuffer>.self)
                        let encoder = HTTPRequestEncoder()
                        let decoder = ByteToMessageHandler(HTTPResponseDecoder(leftOverBytesStrategy: .forwardBytes))
                        try channel.pipeline.syncOperations.addHandlers([
                            encoder, decoder,
                            HijackHandler(
                                target: "/v\(version)/containers/\(id)/attach?stream=1&stdin=1&stdout=1&stderr=1",
                                encoder: encoder, decoder: decoder, promise: promise),
                        ])
                        return promise.futureResult
                    }
                }
        } catch let error as IOError {
            throw EngineError.unreachable(socketPath, errno: error.errnoCode)
        }
        return try await upgrade.get().executeThenClose { inbound, outbound in
            try await body(ContainerStreams(output: inbound, input: outbound))
        }
    }
}

/// Asks for the upgrade; on 101 puts the frame decoder in the place of the HTTP handlers and forwards what came after the
/// head (https://docs.docker.com/reference/api/engine/, "Hijacking"). Runs on one event loop.
private final class HijackHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart
    typealias Hijacked = NIOAsyncChannel<ContainerOutput, ByteBuffer>

    private let target: String
    private let encoder: HTTPRequestEncoder
    private let decoder: ByteToMessageHandler<HTTPResponseDecoder>
    private let promise: EventLoopPromise<Hijacked>
    private var status: UInt?

    init(
        target: String, encoder: HTTPRequestEncoder, decoder: ByteToMessageHandler<HTTPResponseDecoder>,
        promise: EventLoopPromise<Hijacked>
    ) {
        self.target = target
        self.encoder = encoder
        self.decoder = decoder
        self.promise = promise
    }

    func channelActive(context: ChannelHandlerContext) {
        let headers: HTTPHeaders = [
            "Host": "docker", "Connection": "Upgrade", "Upgrade": "tcp", "Content-Length": "0",
        ]
        let head = HTTPRequestHead(version: .http1_1, method: .POST, uri: target, headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): status = UInt(head.status.code)
        case .body: break
        case .end:
            guard status == 101 else {
                promise.fail(EngineError.status(status ?? 0, message: "", request: "attach to \(target)"))
                context.close(promise: nil)
                return
            }
            do {
                let pipeline = context.pipeline.syncOperations
                try pipeline.addHandler(ByteToMessageHandler(MultiplexedFrameDecoder()))
                let hijacked = try Hijacked(
                    wrappingChannelSynchronously: context.channel,
                    configuration: .init(isOutboundHalfClosureEnabled: true))
                _ = pipeline.removeHandler(encoder)
                _ = pipeline.removeHandler(decoder)
                _ = pipeline.removeHandler(self)
                promise.succeed(hijacked)
            } catch {
                promise.fail(error)
            }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        promise.fail(error)
        context.close(promise: nil)
    }

    func channelInactive(context: ChannelHandlerContext) {
        promise.fail(EngineError(.disconnected, "the Docker Engine closed the connection during an attach"))
    }
}
