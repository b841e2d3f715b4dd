package import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import Synchronization

/// Listens for what Slack sends by HTTP, at ``path`` and nowhere else. Speaks plain HTTP: whatever makes TLS of it stands before
/// it. One request by connection, so that everything about one is bounded: its time, its bytes, and how many there are.
package final class EventServer: Sendable {
    package static let path = "/slack/events"
    static let connections = 64
    /// All of one connection.
    static let lifetime: Duration = .seconds(15)

    package struct Status: Hashable, Sendable {
        /// The port it listens on; `nil`: it does not.
        package var port: Int?
        package var received = 0
        package var refused = 0
    }

    private let host: String
    private let port: Int
    private let desk: EventDesk
    private let logger: Logger
    private let state = Mutex((status: Status(), open: 0))

    /// `host`: an address of this machine. `port`: 0 takes a free one.
    package init(host: String, port: Int, desk: EventDesk, logger: Logger) {
        self.host = host
        self.port = port
        self.desk = desk
        self.logger = logger
    }

    package var status: Status { state.withLock(\.status) }

    /// Until cancelled. Throws where it cannot listen there. `listening` is called when it does, before anything is taken.
    package func run(listening: @Sendable () -> Void = {}) async throws {
        let server = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .bind(host: host, port: port) { [self] channel in
                // One too many is closed at once, and ends as any that breaks.
                if !enter() { channel.close(promise: nil) }
                channel.closeFuture.whenComplete { _ in self.leave() }
                return channel.eventLoop.makeCompletedFuture { try Self.connection(on: channel) }
            }
        state.withLock { $0.status.port = server.channel.localAddress?.port }
        defer { state.withLock { $0.status.port = nil } }
        listening()
        logger.notice(
            "listening for Slack", metadata: ["address": "\(host):\(server.channel.localAddress?.port ?? port)"])
        try await withThrowingDiscardingTaskGroup { group in
            try await server.executeThenClose { connections in
                for try await connection in connections {
                    group.addTask { await self.serve(connection) }
                }
            }
        }
    }

    typealias Connection = NIOAsyncChannel<HTTPServerRequestPart, HTTPServerResponsePart>

    private static func connection(on channel: any Channel) throws -> Connection {
        var sizes = NIOHTTPDecoderLimitConfiguration()
        (sizes.maxHeaderFieldSize, sizes.maxHeaderListSize, sizes.maxHeaderFieldCount) = (8 << 10, 16 << 10, 64)
        try channel.pipeline.syncOperations.addHandlers(
            HTTPResponseEncoder(),
            ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes, limitConfiguration: sizes)))
        let limit = channel.eventLoop.scheduleTask(in: TimeAmount(lifetime)) { channel.close(promise: nil) }
        channel.closeFuture.whenComplete { _ in limit.cancel() }
        return try NIOAsyncChannel(wrappingChannelSynchronously: channel)
    }

    private func serve(_ connection: Connection) async {
        do {
            try await connection.executeThenClose { inbound, outbound in
                let answer = await self.answer(inbound)
                state.withLock { state in
                    state.status.received += 1
                    if answer.status >= 400 { state.status.refused += 1 }
                }
                var head = HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: answer.status))
                head.headers.add(name: "content-length", value: String(answer.body.count))
                head.headers.add(name: "connection", value: "close")
                if let type = answer.contentType { head.headers.add(name: "content-type", value: type) }
                if answer.isFinal { head.headers.add(name: "x-slack-no-retry", value: "1") }
                try await outbound.write(.head(head))
                try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: answer.body))))
                try await outbound.write(.end(nil))
            }
        } catch {
            logger.debug("a connection for Slack's requests broke", metadata: ["error": "\(error)"])
        }
    }

    private func answer(_ inbound: NIOAsyncChannelInboundStream<HTTPServerRequestPart>) async -> EventDesk.Answer {
        do {
            var head: HTTPRequestHead?
            var body: [UInt8] = []
            reading: for try await part in inbound {
                switch part {
                case .head(let read):
                    head = read
                    if let refusal = Self.refusal(of: read) { return refusal }
                case .body(let piece):
                    guard body.count + piece.readableBytes <= EventRequest.mostBytes else { return Self.tooLarge }
                    body += piece.readableBytesView
                case .end: break reading
                }
            }
            guard let head else { return .plain(400) }
            return await desk.answer(EventDesk.Request(body: body, headers: Self.headers(head)))
        } catch {
            return .plain(400)
        }
    }

    private static let tooLarge = EventDesk.Answer.plain(413, "Too large.", isFinal: true)

    private static func refusal(of head: HTTPRequestHead) -> EventDesk.Answer? {
        guard head.uri.prefix(while: { $0 != "?" }) == path else { return .plain(404) }
        guard head.method == .POST else { return .plain(405) }
        let length = head.headers.first(name: "content-length").flatMap { Int($0) }
        return (length ?? 0) > EventRequest.mostBytes ? tooLarge : nil
    }

    /// What stands twice is read by none: which of the two would count, readers differ about.
    private static func headers(_ head: HTTPRequestHead) -> [String: String] {
        var headers: [String: String] = [:]
        var twice: Set<String> = []
        for (name, value) in head.headers {
            let name = name.lowercased()
            if headers.updateValue(value, forKey: name) != nil { twice.insert(name) }
        }
        for name in twice { headers[name] = nil }
        return headers
    }

    private func enter() -> Bool {
        state.withLock { state in
            state.open += 1
            return state.open <= Self.connections
        }
    }

    private func leave() { state.withLock { $0.open -= 1 } }
}
