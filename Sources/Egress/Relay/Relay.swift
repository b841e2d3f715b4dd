internal import NIOCore

/// How a relay ended, and what passed.
struct RelayEnd: Sendable {
    enum Cause: Hashable, Sendable {
        /// Both sides have said all there was to say.
        case finished
        /// Of a request: before any of the answer had come. The client waits to be told.
        case unanswered(String)
        case cut(String)
    }
    var cause: Cause
    var bytesUp: Int64
    var bytesDown: Int64
}

/// Passes bytes between two legs, no faster than either takes them, counts them, and ends. On the event loop of both.
final class Relay {
    private final class Direction {
        let from: Leg
        let to: Leg
        let isUp: Bool
        var framing: BodyFraming
        var bytes: Int64 = 0
        var isStarted = false
        var isDone = false

        init(from: Leg, to: Leg, isUp: Bool, framing: BodyFraming) {
            (self.from, self.to, self.isUp, self.framing) = (from, to, isUp, framing)
        }
    }

    private let client: Leg
    private let host: Leg
    private let up: Direction
    private let down: Direction
    /// Of a tunnel each half ends by itself; of a request the client stays for the next.
    private let isTunnel: Bool
    private let meter: SessionMeter
    private let idle: TimeAmount
    private let promise: EventLoopPromise<RelayEnd>
    private var lastActivity: NIODeadline
    private var timers: [Scheduled<Void>] = []
    private var isOver = false

    var end: EventLoopFuture<RelayEnd> { promise.futureResult }

    /// `request`: the framing of the request's body; `nil` for a tunnel.
    init(client: Leg, host: Leg, request: BodyFraming?, meter: SessionMeter, limits: EgressLimits) {
        let loop = client.channel.eventLoop
        self.client = client
        self.host = host
        isTunnel = request == nil
        up = Direction(from: client, to: host, isUp: true, framing: request ?? .untilClose)
        down = Direction(from: host, to: client, isUp: false, framing: .untilClose)
        self.meter = meter
        idle = TimeAmount(limits.idle)
        promise = loop.makePromise()
        lastActivity = loop.now
        let relay = NIOLoopBound(self, eventLoop: loop)
        let total = limits.total
        timers.append(
            loop.scheduleTask(in: TimeAmount(total)) { relay.value.cut("it lasted longer than \(total)") })
        watchIdleness(after: idle)
    }

    private func watchIdleness(after wait: TimeAmount) {
        let loop = client.channel.eventLoop
        let relay = NIOLoopBound(self, eventLoop: loop)
        let timer = loop.scheduleTask(in: wait) {
            let relay = relay.value
            // A timer that was due in the same turn of the loop as what ended the relay runs all the same.
            guard !relay.isOver else { return }
            let left = relay.lastActivity + relay.idle - loop.now
            if left > .nanoseconds(0) {
                relay.timers.removeLast()
                relay.watchIdleness(after: left)
            } else {
                relay.cut("nothing passed for \(relay.idle.nanoseconds / 1_000_000) ms")
            }
        }
        timers.append(timer)
    }

    /// Bytes that were sent up before the relay: a request's head. `false` where the cap is reached, and the relay over.
    func startUp(after head: ByteBuffer = ByteBuffer()) -> Bool {
        guard !isOver, count(head.readableBytes, up) else { return false }
        if head.readableBytes > 0 { host.channel.writeAndFlush(head, promise: nil) }
        start(up)
        return !isOver
    }

    func startDown(after head: ByteBuffer = ByteBuffer(), framing: BodyFraming = .untilClose) {
        guard !isOver, count(head.readableBytes, down) else { return }
        down.framing = framing
        if head.readableBytes > 0 { client.channel.writeAndFlush(head, promise: nil) }
        start(down)
    }

    private func start(_ direction: Direction) {
        direction.isStarted = true
        if direction.framing.isComplete {
            finish(direction)
            // A client's departure is to be noticed all the same.
            if !isOver, direction.isUp { direction.from.relay(through: self) }
            return
        }
        // What was held is passed on by this, and what comes next is asked for.
        direction.from.relay(through: self)
        readCompleted(on: direction.from)
    }

    private func direction(from leg: Leg) -> Direction { leg === client ? up : down }

    func arrived(_ buffer: ByteBuffer, from leg: Leg) {
        guard !isOver else { return leg.hold(buffer) }
        let direction = direction(from: leg)
        // What comes behind a body is the next request's.
        guard !direction.isDone else { return leg.hold(buffer) }
        lastActivity = client.channel.eventLoop.now
        var rest = buffer
        let length: Int
        do {
            length = try direction.framing.accept(buffer.readableBytesView)
        } catch {
            return cut(direction.isUp ? error.reason : "the host's answer is not framed as it has to be")
        }
        guard let piece = rest.readSlice(length: length), count(length, direction) else { return }
        direction.to.channel.write(piece, promise: nil)
        guard direction.framing.isComplete else { return }
        direction.from.hold(rest)
        finish(direction)
    }

    /// `false` where the cap is reached, and the relay over.
    private func count(_ bytes: Int, _ direction: Direction) -> Bool {
        if let refusal = meter.take(Int64(bytes), isUp: direction.isUp) {
            cut(refusal)
            return false
        }
        direction.bytes += Int64(bytes)
        return true
    }

    func readCompleted(on leg: Leg) {
        guard !isOver else { return }
        let direction = direction(from: leg)
        direction.to.channel.flush()
        // Flushing may have found the other side gone.
        guard !isOver, !direction.isDone, direction.to.channel.isWritable else { return }
        leg.channel.read()
    }

    func writabilityChanged(of leg: Leg) {
        let direction = leg === client ? down : up
        guard !isOver, direction.isStarted, !direction.isDone, leg.channel.isWritable else { return }
        direction.from.channel.read()
    }

    func inputEnded(of leg: Leg) {
        let direction = direction(from: leg)
        guard !isOver, !direction.isDone else { return }
        guard direction.framing.endsWithConnection else {
            return cut(leg === client ? "the client left in the middle of its request" : "the answer was cut short")
        }
        finish(direction)
    }

    func closed(_ leg: Leg) {
        guard !isOver else { return }
        if leg === client {
            return isTunnel ? stop(.finished) : cut("the client left")
        }
        if leg.isBroken, !down.isDone { return cut("the host broke the connection") }
        inputEnded(of: leg)
        if !isOver, isTunnel { stop(.finished) }
    }

    private func finish(_ direction: Direction) {
        guard !direction.isDone else { return }
        direction.isDone = true
        if up.isDone, down.isDone { return stop(.finished) }
        if isTunnel {
            let sink = direction.to.channel
            sink.writeAndFlush(ByteBuffer()).whenComplete { _ in sink.close(mode: .output, promise: nil) }
        } else if direction.isUp {
            direction.to.channel.flush()
        } else {
            // Answered before it was asked to the end: the rest of the request goes nowhere.
            cut("the host answered without waiting for the whole request")
        }
    }

    func cut(_ reason: String) {
        guard !isTunnel, !down.isStarted, !client.isClosed else { return stop(.cut(reason)) }
        stop(.unanswered(reason))
    }

    /// One of the tunnel's sides went before it had begun.
    func abandon() { stop(.finished) }

    private func stop(_ cause: RelayEnd.Cause) {
        guard !isOver else { return }
        isOver = true
        for timer in timers { timer.cancel() }
        timers = []
        client.stopRelaying()
        host.stopRelaying()
        switch cause {
        case .finished where isTunnel:
            client.closeFlushed()
            host.closeFlushed()
        case .finished, .unanswered:
            client.channel.flush()
            host.channel.close(promise: nil)
        case .cut:
            // What the host has said already may arrive; what the client has said stays here.
            client.closeFlushed()
            host.channel.close(promise: nil)
        }
        promise.succeed(RelayEnd(cause: cause, bytesUp: up.bytes, bytesDown: down.bytes))
    }
}
