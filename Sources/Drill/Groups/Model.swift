package import Audit
internal import Glibc
package import Logging
internal import MCP
package import Model
package import ModelGateway
internal import Synchronization

extension GroupRun {
    func model() async throws -> [DrillAttempt] {
        try await ModelDrill(
            session: sandbox.session, person: person, gateway: services.gateway, recorder: services.modelRecorder,
            audit: services.audit, identifiers: services.identifiers, logger: services.logger
        ).attempts()
    }
}

/// The gateway's own code on doors of the drill's own: the offline model stands where a provider would, so whatever is
/// let through is seen, and goes nowhere.
package struct ModelDrill: Sendable {
    private let session: SessionID
    private let person: PersonID
    private let configuration: GatewayConfiguration
    private let recorder: any ModelCallRecorder
    private let audit: AuditLog
    private let identifiers: IdentifierSource
    private let logger: Logger

    /// `gateway`: limits and grants of the running one; who serves it is left out of account. `recorder`: whom it tells.
    package init(
        session: SessionID, person: PersonID, gateway: GatewayConfiguration, recorder: any ModelCallRecorder,
        audit: AuditLog, identifiers: IdentifierSource = IdentifierSource(), logger: Logger
    ) {
        (self.session, self.person, self.recorder, self.audit) = (session, person, recorder, audit)
        (self.identifiers, self.logger) = (identifiers, logger)
        var configuration = GatewayConfiguration.offline
        configuration.limits = gateway.limits
        configuration.grantedBetas = gateway.grantedBetas
        self.configuration = configuration
    }

    package func attempts() async throws -> [DrillAttempt] {
        let recorder = DrillRecorder(told: recorder)
        let gateway = try ModelGateway(configuration: configuration, recorder: recorder, logger: logger)
        let doors = ModelTrialDoors(gateway: gateway, session: session, person: person, identifiers: identifiers)
        let running = Task { try await gateway.run() }
        do {
            try await doors.open()
            var found: [DrillAttempt] = []
            for trial in ModelTrials.all { found.append(try await attempt(trial, doors, recorder)) }
            running.cancel()
            _ = try? await running.value
            return found
        } catch {
            running.cancel()
            _ = try? await running.value
            throw error
        }
    }

    private func attempt(
        _ trial: ModelTrial, _ doors: ModelTrialDoors, _ recorder: DrillRecorder
    ) async throws -> DrillAttempt {
        let neighbour = ModelTrial(trial: trial.trial, body: ModelTrial.plain)
        try await doors.stand(.granted)
        var before = recorder.calls
        let allowed = try await doors.exchange(neighbour)
        let control = Self.status(of: allowed) == 200 && recorder.calls == before + 1

        let watch = AuditWatch(audit: audit)
        let position = try await watch.position()
        before = recorder.calls
        try await doors.stand(trial.standing)
        let answer = try await doors.exchange(trial)
        let passed = recorder.calls - before
        let compartment = doors.compartment(trial.standing).rawValue
        let rows = try await watch.events("model.refused", after: position) {
            $0.details?["compartment"]?.stringValue == compartment
        }
        let status = Self.status(of: answer)
        return trial.trial.attempt(
            refused: (400..<500).contains(status) && passed == 0, audited: !rows.isEmpty, control: control,
            detail: "status \(status), \(passed) calls let through")
    }

    private static func status(of answer: [UInt8]) -> Int {
        let line = String(decoding: answer.prefix(64), as: UTF8.self).split(separator: " ")
        return line.count > 1 ? Int(line[1]) ?? 0 : 0
    }
}

/// Counts what was let through, and passes on what was not, to where the running gateway tells it.
final class DrillRecorder: ModelCallRecorder {
    private let told: any ModelCallRecorder
    private let count = Mutex(0)

    init(told: any ModelCallRecorder) { self.told = told }

    var calls: Int { count.withLock { $0 } }

    /// Nobody's bill: it was the offline model.
    func record(_ call: ModelCallRecord) async { count.withLock { $0 += 1 } }

    func refused(_ refusal: ModelRefusal) async { await told.refused(refusal) }
}

/// The three doors that are tried: one's own, another session's, and one that belongs to nobody.
struct ModelTrialDoors: Sendable {
    let gateway: ModelGateway
    private let sessions: (own: ModelSession, other: ModelSession)
    private let compartments: (own: CompartmentID, other: CompartmentID, nobody: CompartmentID)
    private let sockets = (own: UnixExchange(), other: UnixExchange(), nobody: UnixExchange())
    private let turn: MessageID

    init(gateway: ModelGateway, session: SessionID, person: PersonID, identifiers: IdentifierSource) {
        self.gateway = gateway
        let (conversation, channel) = (ConversationID(trusted: session.rawValue), ChannelID(trusted: "drill"))
        let other: SessionID = SessionID(trusted: session.rawValue + "-2")
        sessions = (
            ModelSession(session: session, conversation: conversation, channel: channel, requester: person),
            ModelSession(session: other, conversation: conversation, channel: channel, requester: person)
        )
        compartments = (identifiers.make(), identifiers.make(), identifiers.make())
        turn = identifiers.make()
    }

    func open() async throws {
        // Nobody but this process is answered: the sockets have no file that could say who may connect.
        let user = geteuid()
        for (socket, compartment) in [
            (sockets.own, compartments.own), (sockets.other, compartments.other), (sockets.nobody, compartments.nobody),
        ] {
            try await gateway.open(door: try socket.listen(), compartment: compartment, expectedUser: user)
        }
        await gateway.assign(compartments.own, to: sessions.own)
        await gateway.assign(compartments.other, to: sessions.other)
    }

    /// From now on the own session may call the model, or may not.
    func stand(_ standing: ModelTrial.Standing) async throws {
        if case .withoutTurn = standing {
            await gateway.revoke(turn, of: sessions.own.session)
        } else {
            await gateway.grant(ModelGrant(turn: turn, calls: 1000, outputTokens: 1024), to: sessions.own.session)
        }
    }

    func compartment(_ standing: ModelTrial.Standing) -> CompartmentID {
        switch standing {
        case .granted, .withoutTurn: compartments.own
        case .otherSession: compartments.other
        case .unassigned: compartments.nobody
        }
    }

    func exchange(_ trial: ModelTrial) async throws -> [UInt8] {
        let socket =
            switch trial.standing {
            case .granted, .withoutTurn: sockets.own
            case .otherSession: sockets.other
            case .unassigned: sockets.nobody
            }
        return try await socket.exchange(trial.bytes())
    }
}
