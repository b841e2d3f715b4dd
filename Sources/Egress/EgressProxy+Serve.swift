internal import Logging
internal import Model
internal import NIOCore
internal import NetworkRules

/// Something was allowed and did not come about.
struct Unreached: Error {
    var answer: HTTPRefusal
}

extension EgressProxy {
    /// One connection of a sandbox, from its first request to its last.
    nonisolated func serve(_ wire: Wire, _ door: EgressDoor, _ place: ConnectionPlace) async {
        while await serveNext(wire, door) {}
        withExtendedLifetime(place) {}
    }

    /// Whether another request may follow.
    private nonisolated func serveNext(_ wire: Wire, _ door: EgressDoor) async -> Bool {
        let head: Result<RequestHead, HTTPRefusal>
        do {
            let bytes = try await wire.head(limits, within: TimeAmount(limits.headDeadline))
            let reader = HeadReader(maximumBytes: limits.headBytes, maximumFields: limits.headFields)
            head = Result { () throws(HTTPRefusal) in try RequestHead(bytes, reader: reader) }
        } catch let refusal as HTTPRefusal {
            head = .failure(refusal)
        } catch {
            // Who comes and goes without a word asked for nothing.
            guard await wire.heldBytes() > 0 else {
                await wire.closeLingering()
                return false
            }
            head = .failure(HTTPRefusal(408, "The request was not complete in time."))
        }
        guard await admit(wire, door, asked: head) else { return false }
        switch head {
        case .failure(let refusal):
            await refuse(refusal, asked: "", wire, door)
            return false
        case .success(let head):
            do {
                let ask = try Ask(head)
                return await exchange(ask, asked: Authority.shown(head.target.utf8), wire, door)
            } catch {
                await refuse(error, asked: Authority.shown(head.target.utf8), wire, door)
                return false
            }
        }
    }

    /// Waits for a place in the session's rate. `false`: there is none, and the client was told.
    private nonisolated func admit(
        _ wire: Wire, _ door: EgressDoor, asked: Result<RequestHead, HTTPRefusal>
    ) async -> Bool {
        switch door.meter.admit(now: ContinuousClock.now) {
        case .after(let delay):
            guard delay > .zero else { return true }
            do {
                try await Task.sleep(for: delay)
                return true
            } catch {
                wire.channel.close(promise: nil)
                return false
            }
        case .turnedAway:
            await wire.closeLingering(
                ProxyAnswer.refusal(
                    HTTPRefusal(
                        429,
                        "This session makes more than \(limits.connectionsPerSecond) connections a second. Make fewer.")
                ))
            door.turnAway()
            return false
        case .refused(let reason):
            let target = try? asked.get().target
            await refuse(
                HTTPRefusal(403, reason), asked: Authority.shown((target ?? "").utf8), wire, door)
            return false
        }
    }

    /// What could not be read as something to decide on.
    private nonisolated func refuse(
        _ refusal: HTTPRefusal, asked: String, _ wire: Wire, _ door: EgressDoor
    ) async {
        await wire.closeLingering(ProxyAnswer.refusal(refusal))
        await record(
            EgressConnection(session: door.session, door: door.name, asked: asked, refusal: refusal.reason))
    }

    /// One tunnel or request, from the question to the record. Returns whether another request may follow.
    private nonisolated func exchange(_ ask: Ask, asked: String, _ wire: Wire, _ door: EgressDoor) async -> Bool {
        let request = EgressRequest(
            session: door.session, door: door.name, target: ask.target, method: ask.method, path: ask.path)
        let started = ContinuousClock.now
        // Before it is decided on: a revocation from here on finds it.
        let live = LiveConnection(request, client: wire.channel)
        await enter(live)
        var report = EgressConnection(session: door.session, door: door.name, request: request, asked: asked)
        var goesOn = false
        do {
            goesOn = try await perform(ask, live, wire, door, &report)
        } catch let refusal as HTTPRefusal {
            report.refusal = refusal.reason
            await wire.closeLingering(ProxyAnswer.refusal(refusal, method: ask.method))
        } catch let unreached as Unreached {
            report.end = unreached.answer.reason
            await wire.closeLingering(ProxyAnswer.refusal(unreached.answer, method: ask.method))
        } catch let ended as LiveConnection.Ended {
            report.end = ended.reason
            wire.channel.close(promise: nil)
        } catch {
            report.end = "the client left"
            wire.channel.close(promise: nil)
        }
        if let reason = live.reason {
            report.end = reason
            goesOn = false
        }
        await leave(live)
        report.duration = ContinuousClock.now - started
        await record(report)
        return goesOn
    }

    private nonisolated func perform(
        _ ask: Ask, _ live: LiveConnection, _ wire: Wire, _ door: EgressDoor, _ report: inout EgressConnection
    ) async throws -> Bool {
        guard case .allow(let rule, let allowsUnnamedTLS) = try await decide(live.request) else {
            throw HTTPRefusal(403, "\(ask.target) is not allowed.")
        }
        report.rule = rule
        try live.check()
        let addresses = try await addresses(of: ask.target, door)
        try live.check()
        guard wire.channel.isActive else { throw LiveConnection.Ended(reason: "the client left") }
        let host: Wire
        do {
            let dialled = try await Dialler.dial(
                addresses, port: ask.target.port, of: ask.target, on: wire.channel.eventLoop,
                within: limits.connectDeadline)
            host = dialled.wire
            report.address = dialled.address.description
        } catch {
            throw Unreached(answer: HTTPRefusal(502, error.description))
        }
        try live.attach(host.channel)
        do {
            switch ask {
            case .tunnel(let target):
                live.isUnnamed = allowsUnnamedTLS
                try await tunnel(to: target, allowsUnnamedTLS: allowsUnnamedTLS, wire, host, door, &report)
                return false
            case .request(let request):
                return try await forward(request, wire, host, door, &report)
            }
        } catch {
            host.channel.close(promise: nil)
            throw error
        }
    }

    private nonisolated func decide(_ request: EgressRequest) async throws -> EgressVerdict {
        let authority = authority
        do {
            let verdict = try await Deadline.within(limits.decisionDeadline) { try await authority.decide(request) }
            if case .refuse(let reason) = verdict { throw HTTPRefusal(403, reason) }
            return verdict
        } catch let refusal as HTTPRefusal {
            throw refusal
        } catch is CancellationError {
            throw LiveConnection.Ended(reason: "the proxy was stopped")
        } catch {
            logger.error("egress: no decision", metadata: ["error": .string("\(error)")])
            throw HTTPRefusal(
                403, "Whether \(request.target) may be reached could not be decided, so it is not reached. Try again.")
        }
    }

    private nonisolated func addresses(of target: Authority, _ door: EgressDoor) async throws -> [IPAddress] {
        do {
            return try await door.reach.checkedAddresses(of: target.host, for: door.session)
        } catch {
            if error.code == .address { throw HTTPRefusal(403, error.description) }
            throw Unreached(answer: HTTPRefusal(502, error.description))
        }
    }
}
