internal import Logging
internal import MCP
internal import NIOCore
internal import NIOWebSocket
internal import Synchronization

/// One connection of Socket Mode, from Slack's hello to its end.
final class SocketConnection: Sendable {
    /// What its lane hears of it: once that it is there, perhaps that it is going, at last that it is over.
    enum Word: Sendable {
        case hello
        /// Slack wants it exchanged; it goes on until Slack closes it.
        case leaving(reason: String)
        /// `wasGreeted`: it had got as far as Slack's hello.
        case over(SlackError?, wasGreeted: Bool)
    }

    private let options: SocketOptions
    private let clock: SlackClock
    private let logger: Logger
    private let say: @Sendable (Word) -> Void
    private let handle: @Sendable (SlackEnvelope) async -> [UInt8]?
    private let life: Mutex<Life>

    private struct Life {
        var lastTraffic: ContinuousClock.Instant
        var hasGreeted = false
        /// Until when Slack may close it itself.
        var until: ContinuousClock.Instant
        var reason: SlackError?
    }

    /// `handle` gives what acknowledges an envelope, or nil for none.
    init(
        options: SocketOptions, clock: SlackClock, logger: Logger, say: @escaping @Sendable (Word) -> Void,
        handle: @escaping @Sendable (SlackEnvelope) async -> [UInt8]?
    ) {
        self.options = options
        self.clock = clock
        self.logger = logger
        self.say = say
        self.handle = handle
        let now = clock.now()
        // Until the hello, this is how long it may take.
        life = Mutex(Life(lastTraffic: now, until: now + options.connectTimeout))
    }

    /// Returns when the connection is over and what it brought is worked off.
    func serve(_ socket: WebSocketChannel) async {
        try? await socket.executeThenClose { inbound, outbound in
            async let watching: Void = watch(socket.channel)
            await withDiscardingTaskGroup { handlers in
                do {
                    for try await frame in inbound {
                        life.withLock { $0.lastTraffic = clock.now() }
                        switch frame.opcode {
                        case .text: take(frame, outbound, &handlers)
                        case .ping: Self.send(.pong, frame.unmaskedData, socket.channel)
                        case .connectionClose:
                            // Answered with the same code, as the handshake of closing wants.
                            Self.send(.connectionClose, frame.unmaskedData, socket.channel)
                            socket.channel.close(promise: nil)
                        default: break
                        }
                    }
                } catch {
                    end("broken", "The connection broke.")
                }
                socket.channel.close(promise: nil)
                // Told at once: what is still being worked on must not keep its lane from a new one.
                let (reason, wasGreeted) = life.withLock { ($0.reason, $0.hasGreeted) }
                say(.over(reason, wasGreeted: wasGreeted))
            }
            _ = await watching
        }
    }

    private func take(
        _ frame: WebSocketFrame, _ outbound: NIOAsyncChannelOutboundWriter<WebSocketFrame>,
        _ handlers: inout DiscardingTaskGroup
    ) {
        let message: SocketFrame
        do {
            message = try SocketFrame(Array(frame.unmaskedData.readableBytesView), limit: options.largestMessage)
        } catch {
            logger.warning("slack sent what is no JSON", metadata: ["reason": "\(error)"])
            return
        }
        switch message {
        case .hello:
            let isFirst = life.withLock { life in
                defer { life.hasGreeted = true }
                life.until = clock.now() + .seconds(365 * 86_400)
                return !life.hasGreeted
            }
            if isFirst { say(.hello) }
        case .disconnect(let reason):
            life.withLock { $0.until = clock.now() + options.overlap }
            say(.leaving(reason: reason))
        case .envelope(let envelope):
            handlers.addTask { [self] in
                guard let acknowledgement = await handle(envelope) else { return }
                do {
                    try await outbound.write(Self.frame(.text, ByteBuffer(bytes: acknowledgement)))
                } catch {
                    // Slack sends the envelope again, to another connection.
                    logger.debug("an acknowledgement came too late for its connection")
                }
            }
        case .other(let type):
            logger.debug("slack sent a kind that is not known", metadata: ["type": .string(type)])
        }
    }

    /// Pings, and closes what is dead or overdue.
    private func watch(_ channel: any Channel) async {
        while !Task.isCancelled, channel.isActive {
            do { try await clock.sleep(for: options.pingInterval) } catch { return }
            let now = clock.now()
            let (last, until, hasGreeted) = life.withLock { ($0.lastTraffic, $0.until, $0.hasGreeted) }
            if now - last >= options.staleAfter {
                end("stale", "Nothing came any more: the connection is dead.")
                channel.close(promise: nil)
            } else if now >= until {
                if !hasGreeted { end("no_hello", "Slack took the connection and said nothing.") }
                Self.send(.connectionClose, ByteBuffer(bytes: [0x03, 0xE8]), channel)
                channel.close(promise: nil)
            } else {
                Self.send(.ping, ByteBuffer(), channel)
            }
        }
    }

    private func end(_ code: String, _ sentence: String) {
        life.withLock { life in
            life.reason = life.reason ?? SlackError(.transient, code, method: "socket", sentence)
        }
    }

    /// Not waited for: a peer that does not read must not keep us from finding that out.
    private static func send(_ opcode: WebSocketOpcode, _ data: ByteBuffer, _ channel: any Channel) {
        channel.writeAndFlush(frame(opcode, data), promise: nil)
    }

    /// What a client sends is masked.
    private static func frame(_ opcode: WebSocketOpcode, _ data: ByteBuffer) -> WebSocketFrame {
        WebSocketFrame(fin: true, opcode: opcode, maskKey: .random(), data: data)
    }
}
