internal import NIOCore
internal import NIOPosix
internal import Synchronization

/// All that the drill ever reaches for: a server of its own on this machine's loopback. It answers whoever comes with a
/// mark, and remembers how often it was reached and with how much.
final class LoopbackServer: Sendable {
    struct Visits: Hashable, Sendable {
        var connections = 0
        var bytes = 0
    }

    let port: Int
    /// What its answers carry.
    let mark: String
    private let channel: any Channel
    private let visits: Visitors

    private final class Visitors: Sendable {
        let seen = Mutex(Visits())
    }

    private init(channel: any Channel, port: Int, mark: String, visits: Visitors) {
        self.channel = channel
        self.port = port
        self.mark = mark
        self.visits = visits
    }

    static func start() async throws -> LoopbackServer {
        let (mark, visits) = ("drill" + Nonces.word(), Visitors())
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                visits.seen.withLock { $0.connections += 1 }
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Answerer(mark: mark, visits: visits))
                }
            }
        let channel = try await bootstrap.bind(host: "127.0.0.1", port: 0).get()
        return LoopbackServer(
            channel: channel, port: channel.localAddress?.port ?? 0, mark: mark, visits: visits)
    }

    var seen: Visits { visits.seen.withLock { $0 } }

    func close() async { try? await channel.close() }

    /// Whether it answers: what nobody reached is no proof where nobody could have.
    func answersItself() async -> Bool {
        let before = seen.connections
        let connected = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(.seconds(2)).connect(host: "127.0.0.1", port: port)
        guard let client = try? await connected.get() else { return false }
        try? await client.close()
        // The kernel took the connection; the server's own loop sees it in a moment.
        for _ in 0..<200 where seen.connections == before { try? await Task.sleep(for: .milliseconds(10)) }
        return seen.connections > before
    }

    /// One visitor: TLS gets the mark as it is, HTTP in an answer, and `/redirect` is sent to where nobody may go.
    private final class Answerer: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let mark: String
        private let visits: Visitors
        private var held: [UInt8] = []
        private var hasAnswered = false

        init(mark: String, visits: Visitors) {
            self.mark = mark
            self.visits = visits
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            let bytes = unwrapInboundIn(data)
            visits.seen.withLock { $0.bytes += bytes.readableBytes }
            guard !hasAnswered, held.count < 65536 else { return }
            held += bytes.readableBytesView
            guard let answer else { return }
            hasAnswered = true
            let isTunnel = held.first == 0x16
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: answer)), promise: nil)
            // A tunnel stays open: what ends it is what is tried.
            if !isTunnel { context.close(promise: nil) }
        }

        private var answer: String? {
            if held.first == 0x16 { return mark }
            let text = String(decoding: held, as: UTF8.self)
            guard text.contains("\r\n\r\n") else { return nil }
            if text.split(separator: " ").dropFirst().first?.hasSuffix("/redirect") == true {
                return
                    "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            }
            return "HTTP/1.1 200 OK\r\nContent-Length: \(mark.utf8.count)\r\nConnection: close\r\n\r\n\(mark)"
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}
