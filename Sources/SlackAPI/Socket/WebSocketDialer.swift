internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import NIOWebSocket
internal import Synchronization

typealias WebSocketChannel = NIOAsyncChannel<WebSocketFrame, WebSocketFrame>

/// Opens WebSockets: connection, TLS, upgrade; pieces of a message come out as one frame.
struct WebSocketDialer: Sendable {
    let largestMessage: Int
    let timeout: Duration
    /// Certificates (PEM) in place of the system's.
    let authority: [UInt8]?

    enum Failure: Error {
        case refused
        case broken
    }

    /// Throws `Failure`, or `CancellationError`. Whoever gets a channel closes it.
    func dial(_ url: SlackURL) async throws -> WebSocketChannel {
        let dialing = Dialing()
        let channel: WebSocketChannel?
        do {
            channel = try await withTaskCancellationHandler {
                let upgrade = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                    .connectTimeout(TimeAmount(timeout))
                    .connect(host: url.host, port: url.port) { channel in
                        channel.eventLoop.makeCompletedFuture {
                            dialing.use(channel)
                            return try prepare(channel, url)
                        }
                    }
                return try await upgrade.get()
            } onCancel: {
                dialing.cancel()
            }
        } catch {
            dialing.cancel()
            try Task.checkCancellation()
            throw Failure.broken
        }
        guard let channel else {
            dialing.cancel()
            throw Failure.refused
        }
        return channel
    }

    /// What is to be closed where the dialling is given up.
    private final class Dialing: Sendable {
        private let state = Mutex<(channel: (any Channel)?, isCancelled: Bool)>((nil, false))

        func use(_ channel: any Channel) {
            let isCancelled = state.withLock { state in
                state.channel = channel
                return state.isCancelled
            }
            if isCancelled { channel.close(promise: nil) }
        }

        func cancel() {
            let channel = state.withLock { state in
                state.isCancelled = true
                return state.channel
            }
            channel?.close(promise: nil)
        }
    }

    private func prepare(_ channel: any Channel, _ url: SlackURL) throws -> EventLoopFuture<WebSocketChannel?> {
        if url.isSecure {
            var tls = TLSConfiguration.makeClientConfiguration()
            if let authority { tls.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(authority)) }
            // Of a numeric address the certificate is held to the address itself.
            try channel.pipeline.syncOperations.addHandler(
                NIOSSLClientHandler(
                    context: NIOSSLContext(configuration: tls), serverHostname: url.isNumeric ? nil : url.host))
        }
        let late = channel.eventLoop.scheduleTask(in: TimeAmount(timeout)) { channel.close(promise: nil) }
        let upgrader = NIOTypedWebSocketClientUpgrader<WebSocketChannel?>(
            maxFrameSize: largestMessage,
            upgradePipelineHandler: { channel, _ in
                channel.eventLoop.makeCompletedFuture {
                    late.cancel()
                    try channel.pipeline.syncOperations.addHandler(
                        NIOWebSocketFrameAggregator(
                            minNonFinalFragmentSize: 1, maxAccumulatedFrameCount: 4096,
                            maxAccumulatedFrameSize: largestMessage))
                    return try WebSocketChannel(wrappingChannelSynchronously: channel)
                }
            })
        let head = HTTPRequestHead(
            version: .http1_1, method: .GET, uri: url.target,
            headers: ["host": url.hostHeader, "user-agent": "bulkhead"])
        let configuration = NIOTypedHTTPClientUpgradeConfiguration<WebSocketChannel?>(
            upgradeRequestHead: head, upgraders: [upgrader],
            notUpgradingCompletionHandler: { channel in
                late.cancel()
                return channel.eventLoop.makeSucceededFuture(nil)
            })
        var pipeline = NIOUpgradableHTTPClientPipelineConfiguration(upgradeConfiguration: configuration)
        // Slack's hello may come in one packet with the answer to the upgrade; it would be dropped.
        pipeline.leftOverBytesStrategy = .forwardBytes
        return try channel.pipeline.syncOperations.configureUpgradableHTTPClientPipeline(configuration: pipeline)
    }
}
