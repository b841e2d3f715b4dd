package import Audit
package import Egress
package import Logging
internal import MCP
package import Model
internal import NetworkRules

extension GroupRun {
    func egress() async throws -> [DrillAttempt] {
        let sandbox = sandbox
        let drill = EgressDrill(
            session: sandbox.session, audit: services.audit, limits: services.egressLimits, logger: services.logger,
            record: services.recordEgress, serve: { try await sandbox.serveEgress($0) },
            bash: { try await sandbox.bash($0, seconds: 20).text })
        return try await drill.attempts()
    }
}

/// The egress door's own code, behind a sandbox's own socket, with an allowlist and names of the drill's own. Its one way
/// out is the drill's server on loopback.
package struct EgressDrill: Sendable {
    /// How the door is given to a sandbox, which shows it as `/run/bulkhead/egress.sock`.
    package typealias Serve = @Sendable (@escaping @Sendable (CInt) async -> Void) async throws -> Void

    let session: SessionID
    private let audit: AuditLog
    private let limits: EgressLimits
    private let logger: Logger
    private let record: @Sendable (EgressConnection) async -> Void
    private let serve: Serve
    /// Runs a command at the sandbox's end, and gives what it printed.
    private let bash: @Sendable (String) async throws -> String
    /// What the door goes by.
    package var rules = DrillRules()

    package init(
        session: SessionID, audit: AuditLog, limits: EgressLimits, logger: Logger,
        record: @escaping @Sendable (EgressConnection) async -> Void, serve: @escaping Serve,
        bash: @escaping @Sendable (String) async throws -> String
    ) {
        (self.session, self.audit, self.logger) = (session, audit, logger)
        var limits = limits
        // Two hundred connections in a row are what this is; how many a session may make is tried by nobody here.
        (limits.burst, limits.connectionsPerSecond) = (max(limits.burst, 1000), max(limits.connectionsPerSecond, 1000))
        self.limits = limits
        (self.record, self.serve, self.bash) = (record, serve, bash)
    }

    /// `only`: by their ids; `nil` is all there are.
    package func attempts(only: Set<String>? = nil) async throws -> [DrillAttempt] {
        let server = try await LoopbackServer.start()
        let authority = DrillAuthority(rules: rules, port: UInt16(clamping: server.port), told: record)
        let proxy = EgressProxy(authority: authority, limits: limits, logger: logger)
        let running = Task { await proxy.run() }
        let result: Result<[DrillAttempt], any Error>
        do {
            let door = EgressDoor(server: server, authority: authority, resolver: DrillResolver(), proxy: proxy)
            result = .success(try await attempts(through: door) { only?.contains($0) ?? true })
        } catch {
            result = .failure(error)
        }
        await proxy.close(session)
        running.cancel()
        await running.value
        await server.close()
        return try result.get()
    }

    private func attempts(through door: EgressDoor, isMeant: (String) -> Bool) async throws -> [DrillAttempt] {
        let reach = EgressReach(resolver: door.resolver, standIns: try rules.standIns())
        try await serve { [session, logger] listening in
            do {
                try await door.proxy.open(door: listening, for: session, reach: reach)
            } catch {
                logger.error("the drill's egress door is not served", metadata: ["error": "\(error)"])
            }
        }
        var found: [DrillAttempt] = []
        for trial in EgressTrials.all where trial.trial != EgressTrials.revoked.trial && isMeant(trial.trial.id) {
            try Task.checkCancellation()
            found.append(try await attempt(trial, door))
        }
        if isMeant(EgressTrials.revoked.trial.id) { found.append(try await revocation(door)) }
        return found
    }

    /// The attempt, and before it its neighbour: the same client, the same door, what is granted.
    private func attempt(_ trial: EgressTrial, _ door: EgressDoor) async throws -> DrillAttempt {
        let watch = AuditWatch(audit: audit)
        let neighbour = door.order(trial.neighbour)
        let first = try await exchange([neighbour]).first ?? nil
        let control = first.map { ($0.said + $0.more).contains(door.server.mark) || $0.said.contains("302") } ?? false

        let (before, position) = (door.server.seen, try await watch.position())
        let answer = try await exchange([door.order(trial.sent)]).first ?? nil
        let session = session.rawValue
        let rows = try await watch.events("egress.connection", after: position) {
            $0.session == session && $0.decision == "deny"
        }
        let after = door.server.seen
        let isUnseen =
            switch trial.seen {
            case .nothing: after == before
            case .noBytes: after.bytes == before.bytes
            case .noName(let name): after == before && !door.resolver.wasAsked(name)
            }
        // A tunnel that was answered and then refused may stand for a moment before it is closed: what counts is that
        // nothing came through, and that the door says so.
        let isTurnedAway = if case .noBytes = trial.seen { !rows.isEmpty } else { false }
        let isRefused = answer.map { answer in
            isUnseen && !(answer.said + answer.more).contains(door.server.mark)
                && (answer.ended || answer.status >= 400 || isTurnedAway)
        }
        return trial.trial.attempt(
            refused: isRefused ?? false, audited: !rows.isEmpty, control: control,
            detail: Self.detail(answer, seen: isUnseen))
    }

    private static func detail(_ answer: DoorAnswer?, seen isUnseen: Bool) -> String {
        guard let answer else { return "no answer of the probe came" }
        let line = answer.said.split(whereSeparator: \.isNewline).first.map(String.init) ?? "closed"
        let words = isUnseen ? "nothing arrived" : "something arrived"
        return ProbeAnswers.plain("\(line), \(words)\(answer.trouble.isEmpty ? "" : ", \(answer.trouble)")")
    }

    /// A tunnel that stands, and falls when what allowed it is taken back.
    private func revocation(_ door: EgressDoor) async throws -> DrillAttempt {
        let (trial, watch) = (EgressTrials.revoked, AuditWatch(audit: audit))
        let position = try await watch.position()
        let came = await door.proxy.usage(of: session)?.bytesDown ?? 0
        let order = door.order(trial.sent, seconds: 8, isHeld: true)
        async let answers = exchange([order])
        // Until what the server answered is on its way to the client: before that it could be lost with the tunnel.
        for _ in 0..<300 {
            let down = await door.proxy.usage(of: session)?.bytesDown ?? 0
            guard down < came + Int64(door.server.mark.utf8.count) else { break }
            try await Task.sleep(for: .milliseconds(10))
        }
        door.authority.revoke()
        await door.proxy.recheck(session)
        let answer = try await answers.first ?? nil
        let later = try await exchange([door.order(trial.sent)]).first ?? nil
        let session = session.rawValue
        let rows = try await watch.events("egress.connection", after: position, count: 2) { $0.session == session }
        return trial.trial.attempt(
            refused: answer?.ended == true && (later?.status ?? 0) >= 400,
            audited: rows.contains { $0.details?["end"]?.stringValue != nil }
                && rows.contains { $0.decision == "deny" },
            control: answer?.more.contains(door.server.mark) == true,
            detail: "the tunnel \(answer?.ended == true ? "fell" : "stood"), a new one got \(later?.status ?? 0)")
    }

    private func exchange(_ orders: [JSONObject]) async throws -> [DoorAnswer?] {
        let nonces = orders.map { _ in Nonces.word() }
        let given = zip(orders, nonces).map { order, nonce in
            var order = order
            order["nonce"] = .string(nonce)
            return JSONValue.object(order)
        }
        let said = try await bash(ProbeScript.command(.door, given: ["orders": .array(given)]))
        return DoorAnswer.read(said, nonces: nonces)
    }
}

/// What the group's attempts go through.
struct EgressDoor: Sendable {
    let server: LoopbackServer
    let authority: DrillAuthority
    let resolver: DrillResolver
    let proxy: EgressProxy

    /// As the script takes it.
    func order(_ sent: EgressTrial.Sent, seconds: Int64 = 2, isHeld: Bool = false) -> JSONObject {
        // A tunnel is let go of once the server has answered, unless its end is what is waited for.
        let enough = JSONValue.int(isHeld ? 16384 : Int64(server.mark.utf8.count))
        func bytes(_ text: String) -> JSONValue {
            .string(
                ProbeScript.base64(
                    text.split(separator: "%P", omittingEmptySubsequences: false)
                        .joined(separator: String(server.port)).utf8))
        }
        func connect(_ target: String) -> JSONValue {
            bytes("CONNECT \(target) HTTP/1.1\r\nHost: \(target)\r\n\r\n")
        }
        switch sent {
        case .request(let text): return ["send": bytes(text), "seconds": .int(seconds)]
        case .tunnel(let target, let name):
            return ["send": connect(target), "hello": .string(name), "seconds": .int(seconds), "enough": enough]
        case .raw(let target, let text):
            return ["send": connect(target), "raw": bytes(text), "seconds": .int(seconds), "enough": enough]
        }
    }
}

extension EgressTrial {
    /// What is allowed, said in the same way.
    var neighbour: Sent {
        if trial == EgressTrials.redirect.trial {
            return .request(
                "GET http://\(EgressNames.allowed):%P/redirect HTTP/1.1\r\nHost: \(EgressNames.allowed):%P\r\nConnection: close\r\n\r\n"
            )
        }
        switch sent {
        case .request(let text) where !text.hasPrefix("CONNECT"):
            return .request(
                "GET http://\(EgressNames.allowed):%P/ HTTP/1.1\r\nHost: \(EgressNames.allowed):%P\r\nConnection: close\r\n\r\n"
            )
        default: return .tunnel(to: "\(EgressNames.allowed):%P", naming: EgressNames.allowed)
        }
    }
}
