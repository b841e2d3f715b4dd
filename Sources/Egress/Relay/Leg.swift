internal import NIOCore

/// One side of a connection: the sandbox's or the host's. Reads only when somebody wants what comes: into a parser
/// (`take`), or into the relay. All of it on the channel's event loop, which both sides share.
final class Leg: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    enum Failure: Error {
        /// The other side will send no more, or is gone.
        case ended
        case late
    }

    private enum Mode {
        /// What arrives all the same waits for who asks next: at its end a socket gives out all that it holds.
        case holding
        /// Asks for more as long as it returns `false`.
        case taking((Failure?) -> Bool)
        case relaying(Relay)
        /// On its way out: drops so many bytes more.
        case draining(Int)
    }

    let channel: any Channel
    private(set) var held = ByteBuffer()
    private(set) var inputEnded = false
    private(set) var isClosed = false
    /// Whether the connection broke, rather than being closed.
    private(set) var isBroken = false
    private var mode = Mode.holding
    /// Once, when the channel is active: asked to read before that, it would not.
    var activated: ((Leg) -> Void)?

    init(_ channel: any Channel) {
        self.channel = channel
    }

    func channelActive(context: ChannelHandlerContext) {
        activated?(self)
        activated = nil
    }

    /// Hands what has arrived to `parse` until that returns something or throws. It bounds what is held by throwing.
    func take<Value: Sendable>(
        within deadline: TimeAmount, _ parse: @escaping (inout ByteBuffer) throws -> Value?
    ) -> EventLoopFuture<Value> {
        let promise = channel.eventLoop.makePromise(of: Value.self)
        let attempt: (Failure?) -> Bool = { [unowned self] failure in
            if let failure {
                promise.fail(failure)
                return true
            }
            do {
                guard let value = try parse(&held) else {
                    guard inputEnded || isClosed else { return false }
                    promise.fail(Failure.ended)
                    return true
                }
                promise.succeed(value)
            } catch {
                promise.fail(error)
            }
            return true
        }
        guard !attempt(nil) else { return promise.futureResult }
        mode = .taking(attempt)
        let leg = NIOLoopBound(self, eventLoop: channel.eventLoop)
        let timer = channel.eventLoop.scheduleTask(in: deadline) { leg.value.giveUp(.late) }
        promise.futureResult.whenComplete { _ in timer.cancel() }
        channel.read()
        return promise.futureResult
    }

    private func giveUp(_ failure: Failure) {
        guard case .taking(let attempt) = mode else { return }
        mode = .holding
        _ = attempt(failure)
    }

    private func retry() {
        guard case .taking(let attempt) = mode else { return }
        // First, as what waits for the value may ask for the next at once.
        mode = .holding
        if !attempt(nil), case .holding = mode { mode = .taking(attempt) }
    }

    /// From here on what arrives is the relay's, beginning with what is held.
    func relay(through relay: Relay) {
        mode = .relaying(relay)
        let waiting = held
        held = ByteBuffer()
        if waiting.readableBytes > 0 { relay.arrived(waiting, from: self) }
        if inputEnded { relay.inputEnded(of: self) }
        if isClosed { relay.closed(self) }
    }

    func hold(_ buffer: ByteBuffer) {
        guard buffer.readableBytes > 0 else { return }
        if held.readableBytes == 0 { held = buffer } else { held.writeImmutableBuffer(buffer) }
    }

    func stopRelaying() {
        if case .relaying = mode { mode = .holding }
    }

    /// Says nothing more, lets what was said arrive, and closes: closed with something unread, a socket may take back what
    /// it sent.
    func closeLingering(_ last: ByteBuffer = ByteBuffer(), within limit: TimeAmount = .seconds(2)) {
        giveUp(.ended)
        mode = .draining(1 << 20)
        held = ByteBuffer()
        let channel = channel
        channel.writeAndFlush(last).whenComplete { _ in channel.close(mode: .output, promise: nil) }
        let timer = channel.eventLoop.scheduleTask(in: limit) { channel.close(promise: nil) }
        channel.closeFuture.whenComplete { _ in timer.cancel() }
        if inputEnded { closeFlushed() } else { channel.read() }
    }

    /// Closes once all is sent; where the other side takes too long over that, all the same.
    func closeFlushed(within limit: TimeAmount = .seconds(10)) {
        guard !isClosed else { return }
        let channel = channel
        channel.writeAndFlush(ByteBuffer()).whenComplete { _ in channel.close(promise: nil) }
        let timer = channel.eventLoop.scheduleTask(in: limit) { channel.close(promise: nil) }
        channel.closeFuture.whenComplete { _ in timer.cancel() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        switch mode {
        case .holding: hold(buffer)
        case .taking:
            hold(buffer)
            retry()
        case .relaying(let relay): relay.arrived(buffer, from: self)
        case .draining(let left):
            guard buffer.readableBytes <= left else { return context.close(promise: nil) }
            mode = .draining(left - buffer.readableBytes)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        switch mode {
        case .holding: break
        case .taking, .draining: context.read()
        case .relaying(let relay): relay.readCompleted(on: self)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if case .relaying(let relay) = mode { relay.writabilityChanged(of: self) }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard case ChannelEvent.inputClosed? = event as? ChannelEvent else { return }
        inputEnded = true
        switch mode {
        case .holding: break
        case .taking: retry()
        case .relaying(let relay): relay.inputEnded(of: self)
        case .draining: closeFlushed()
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        isClosed = true
        switch mode {
        case .holding, .draining: break
        case .taking: retry()
        case .relaying(let relay): relay.closed(self)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        isBroken = true
        context.close(promise: nil)
    }
}
