internal import MCP
internal import Model
internal import NIOCore
internal import NIOHTTP1

/// One connection: collects a request within its limits, hands it on as an `Exchange`, lets its answer through, and waits
/// for the next. Keeps reading while an answer is under way, because only that shows a client's departure; bytes
/// that arrive meanwhile would be a pipelined request, which is refused by closing.
final class DoorHandler: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// idle → receiving → answering → idle; receiving → refused where a limit is passed.
    private enum State {
        case idle
        case receiving(HTTPRequestHead)
        case answering(Exchange, keepAlive: Bool)
        /// The refusal is sent; what still comes in is dropped until the client stops or the deadline comes.
        case refused
    }

    private let door: Door
    private let limits: GatewayLimits
    private var state = State.idle
    /// Of the request being received. Not in `state`, where each append would copy it.
    private var body = ByteBuffer()
    private var deadline: Scheduled<Void>?

    init(door: Door, limits: GatewayLimits) {
        self.door = door
        self.limits = limits
    }

    func channelActive(context: ChannelHandlerContext) {
        schedule(limits.connectionIdle, context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        if case .answering(let exchange, _) = state { exchange.interrupt(.departed) }
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (unwrapInboundIn(data), state) {
        case (_, .refused): break
        case (.head(let head), .idle): begin(head, context)
        case (.body(let piece), .receiving):
            guard body.readableBytes + piece.readableBytes <= limits.maximumBodyBytes else {
                return refuse(tooLarge, context)
            }
            if body.readableBytes == 0 { body = piece } else { body.writeImmutableBuffer(piece) }
        case (.end, .receiving(let head)): complete(head, context)
        case (_, .answering), (_, .idle), (.head, .receiving): context.close(promise: nil)
        }
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        schedule(limits.requestDeadline, context)
        if let length = head.headers.first(name: "content-length").flatMap(Int.init), length > limits.maximumBodyBytes {
            return refuse(tooLarge, context)
        }
        state = .receiving(head)
        if head.headers[canonicalForm: "expect"].contains(where: { $0.lowercased() == "100-continue" }) {
            let proceed = HTTPResponseHead(version: .http1_1, status: .continue)
            context.writeAndFlush(wrapOutboundOut(.head(proceed)), promise: nil)
        }
    }

    private func complete(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        deadline?.cancel()
        deadline = nil
        let body = body
        self.body = ByteBuffer()
        let exchange = Exchange(
            compartment: door.compartment, request: DoorRequest(head: head, body: body), channel: context.channel,
            writeDeadline: limits.writeDeadline)
        state = .answering(exchange, keepAlive: head.isKeepAlive)
        door.received(exchange)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .answering(_, let keepAlive) = state else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(var head):
            head.headers.add(name: "connection", value: keepAlive ? "keep-alive" : "close")
            context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .end where keepAlive:
            state = .idle
            schedule(limits.connectionIdle, context)
            context.write(data, promise: promise)
        case .end:
            state = .refused
            context.write(data, promise: promise)
            context.flush()
            context.close(promise: nil)
        case .body:
            context.write(data, promise: promise)
        }
    }

    /// What llhttp refuses (a malformed request line, too many or too long headers, conflicting lengths) ends here.
    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError, !isAnswering else {
            context.close(promise: nil)
            return
        }
        refuse(APIError(400, .invalidRequest, "This is not an HTTP request the gateway can read: \(error)."), context)
    }

    private var isAnswering: Bool {
        if case .answering = state { true } else { false }
    }

    private var tooLarge: APIError {
        APIError(
            413, .tooLarge, "The request is larger than \(limits.maximumBodyBytes) bytes. Shorten the conversation.",
            shouldRetry: false)
    }

    private func refuse(_ error: APIError, _ context: ChannelHandlerContext) {
        if case .refused = state { return context.close(promise: nil) }
        state = .refused
        body = ByteBuffer()
        schedule(.seconds(2), context)
        let body = error.body.serialized()
        var head = HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: error.status))
        for (name, value) in error.headers { head.headers.add(name: name, value: value) }
        head.headers.add(name: "content-length", value: String(body.count))
        head.headers.add(name: "connection", value: "close")
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: body)))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    private func schedule(_ time: Duration, _ context: ChannelHandlerContext) {
        deadline?.cancel()
        let channel = context.channel
        deadline = context.eventLoop.scheduleTask(in: TimeAmount(time)) { channel.close(promise: nil) }
    }
}
