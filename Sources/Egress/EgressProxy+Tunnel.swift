internal import Model
internal import NIOCore
internal import NetworkRules

extension EgressProxy {
    /// Lets bytes through in both directions, once the first that come from the client have shown whom they are for.
    /// Throws where they are for somebody else: the client has been told then.
    nonisolated func tunnel(
        to target: Authority, allowsUnnamedTLS: Bool, _ wire: Wire, _ host: Wire, _ door: EgressDoor,
        _ report: inout EgressConnection
    ) async throws {
        try await wire.send(ProxyAnswer.established)
        let (meter, limits) = (door.meter, limits)
        let relay = try await wire.onLoop { client in
            let relay = Relay(client: client, host: host.onItsLoop, request: nil, meter: meter, limits: limits)
            // In some protocols the host speaks first, and an entry that asks for no name allows them.
            if allowsUnnamedTLS { relay.startDown() }
            return client.channel.eventLoop.makeSucceededFuture(
                NIOLoopBound(relay, eventLoop: client.channel.eventLoop))
        }
        let wait = TimeAmount(allowsUnnamedTLS ? limits.total : limits.headDeadline)
        let complaint: HTTPRefusal?
        do {
            // Nothing is taken: what is judged is what is sent on.
            let hello = try await wire.onLoop { client in
                client.take(within: wait) { held in ClientHello(held.readableBytesView) }
            }
            complaint = Self.complaint(about: hello, to: target, allowsUnnamedTLS: allowsUnnamedTLS)
            if let complaint {
                try? await wire.send(hello == .notTLS ? ProxyAnswer.refusal(complaint) : ProxyAnswer.unrecognisedName)
            }
        } catch {
            if case Leg.Failure.late = error {
                complaint = HTTPRefusal(408, "The tunnel to \(target) was not used for TLS in time.")
            } else {
                complaint = nil
            }
            let end = try await wire.onLoop { _ in
                relay.value.abandon()
                return relay.value.end
            }
            note(end, &report)
            if let complaint { report.refusal = complaint.reason } else { report.end = report.end ?? "the client left" }
            return
        }
        if let complaint {
            await wire.closeLingering()
            let end = try await wire.onLoop { _ in
                relay.value.abandon()
                return relay.value.end
            }
            note(end, &report)
            report.refusal = complaint.reason
            return
        }
        let end = try await wire.onLoop { _ in
            if relay.value.startUp(), !allowsUnnamedTLS { relay.value.startDown() }
            return relay.value.end
        }
        note(end, &report)
    }

    nonisolated func note(_ end: RelayEnd, _ report: inout EgressConnection) {
        report.bytesUp = end.bytesUp
        report.bytesDown = end.bytesDown
        switch end.cause {
        case .finished: break
        case .cut(let reason), .unanswered(let reason): report.end = reason
        }
    }

    private static func complaint(
        about hello: ClientHello, to target: Authority, allowsUnnamedTLS: Bool
    ) -> HTTPRefusal? {
        let unnamed = "An admin can allow \(target) without a visible name (SNI)."
        return switch hello {
        case .named(target.host): nil
        case .named(let other):
            HTTPRefusal(403, "The tunnel to \(target) was used for \(other), which is another host.")
        case .malformed(let what):
            HTTPRefusal(403, "What was sent to \(target) is no TLS client hello that could be read: \(what).")
        case .unnamed where allowsUnnamedTLS, .hidden where allowsUnnamedTLS, .notTLS where allowsUnnamedTLS: nil
        case .unnamed: HTTPRefusal(403, "The TLS to \(target) names no host (SNI). \(unnamed)")
        case .hidden: HTTPRefusal(403, "The TLS to \(target) hides the name of its host (ECH). \(unnamed)")
        case .notTLS:
            HTTPRefusal(
                403,
                "What was sent through the tunnel to \(target) is not TLS. Ask the proxy for http:// addresses without a "
                    + "tunnel. \(unnamed)")
        }
    }
}
