internal import Model
internal import NIOCore

extension EgressProxy {
    /// Sends a request to its host, on a connection of its own, and the answer back. Returns whether the client's
    /// connection may be used for another request.
    nonisolated func forward(
        _ request: ForwardedRequest, _ wire: Wire, _ host: Wire, _ door: EgressDoor, _ report: inout EgressConnection
    ) async throws -> Bool {
        if request.expectsContinue { try await wire.send(ProxyAnswer.proceed) }
        let (meter, limits) = (door.meter, limits)
        let relay = try await wire.onLoop { client in
            let relay = Relay(
                client: client, host: host.onItsLoop, request: request.framing, meter: meter, limits: limits)
            _ = relay.startUp(after: ByteBuffer(bytes: request.head))
            return client.channel.eventLoop.makeSucceededFuture(
                NIOLoopBound(relay, eventLoop: client.channel.eventLoop))
        }
        var isKeptAlive = false
        var failure: String?
        do {
            let answer = try await self.answer(to: request, from: host)
            isKeptAlive = answer.isKeptAlive
            let (head, framing) = (ByteBuffer(bytes: answer.head), answer.framing)
            try await wire.onLoop { client in
                relay.value.startDown(after: head, framing: framing)
                return client.channel.eventLoop.makeSucceededVoidFuture()
            }
        } catch let refusal as HTTPRefusal {
            failure = refusal.reason
        } catch {
            failure = "The host closed the connection without an answer."
        }
        let problem = failure
        let end = try await wire.onLoop { _ in
            // Does nothing where the relay is over, for a reason of its own.
            if let problem { relay.value.cut(problem) }
            return relay.value.end
        }
        note(end, &report)
        switch end.cause {
        case .finished:
            if !isKeptAlive { await wire.closeLingering() }
            return isKeptAlive
        case .unanswered(let reason):
            throw Unreached(answer: HTTPRefusal(meter.isSpent ? 403 : 502, reason))
        case .cut:
            return false
        }
    }

    /// The head of the answer, after those that only announce it.
    private nonisolated func answer(to request: ForwardedRequest, from host: Wire) async throws -> ForwardedAnswer {
        let reader = HeadReader(maximumBytes: limits.headBytes, maximumFields: limits.headFields)
        for _ in 0..<6 {
            // How long it may take is the relay's to say, which closes the connection.
            let head: [UInt8]
            do {
                head = try await host.head(limits, within: TimeAmount(limits.total))
            } catch let refusal as HTTPRefusal {
                throw ForwardedAnswer.unreadable(refusal.reason)
            }
            if let answer = try ForwardedAnswer(head, reader: reader, to: request) { return answer }
        }
        throw HTTPRefusal(502, "The host announced an answer again and again.")
    }
}
