package import Audit
package import Egress
package import Harness
package import Logging
package import Model
package import NetworkRules
internal import Policy
package import Store

/// Who may reach what: answers the egress door, opens and shuts it, and keeps the record.
///
/// Every answer is made from the store as it is at that moment; what this holds is which sandboxes there are.
package actor EgressDesk: EgressAuthority {
    let database: Database
    let policy: PolicyStore
    let pauses: PauseBoard
    let logger: Logger
    let record: EgressRecord
    var doors: (any EgressDoors)?
    var announcer: (any EgressAnnouncer)?
    var sandboxes: [SessionID: Sandbox] = [:]
    /// Commands that run apart, each with the only places it may reach.
    var errands: [SessionID: [EgressDoorName: [EgressEntry]]] = [:]
    /// The last change that is being acted on: one after the other, so that no door is opened twice.
    private var sweeping: Task<Void, Never>?

    struct Sandbox {
        let compartment: any SessionCompartment
        /// Its containers are given a door.
        var hasDoor = false
    }

    package init(
        database: Database, policy: PolicyStore, audit: AuditLog, pauses: PauseBoard, redactor: any CallRedactor,
        logger: Logger
    ) {
        self.database = database
        self.policy = policy
        self.pauses = pauses
        self.logger = logger
        record = EgressRecord(database: database, policy: policy, audit: audit, redactor: redactor, logger: logger)
    }

    /// Before anything else is asked of it: until then it refuses.
    package func connect(_ doors: any EgressDoors, announcer: any EgressAnnouncer) {
        self.doors = doors
        self.announcer = announcer
    }

    /// Looks once a second for what ended by itself: a grant's time, a label, the record. Runs until cancelled.
    package func run() async {
        while !Task.isCancelled {
            do { try await Task.sleep(for: .seconds(1)) } catch { return }
            if sandboxes.values.contains(where: \.hasDoor) || !errands.isEmpty { await reconsider(onlyOpen: true) }
        }
    }

    // MARK: The proxy asks

    package func decide(_ request: EgressRequest) async throws -> EgressVerdict {
        let (first, before) = try await answer(to: request)
        // What is labelled already needs no more: it is all decided in one view of the store.
        guard case .allow = first, before?.session.labels.contains(.untrusted) == false else { return first }
        guard let new = try await database.labelForEgress(request.session) else {
            return .refuse(reason: EgressRules.privateReason)
        }
        // Labelling took its time: what holds now counts.
        let (verdict, standing) = try await answer(to: request)
        if !new.isEmpty, let session = standing?.session {
            await announcer?.announceEgress(
                "\(session.requesterName)'s sandbox reached the network (\(request.target.host)) for the first time here: "
                    + "what is read from now on counts as outside content.",
                in: session.conversation, of: session.id)
        }
        return verdict
    }

    package func decideAgain(_ requests: [EgressRequest]) async throws -> [EgressVerdict] {
        guard let session = requests.first?.session else { return [] }
        guard await record.isWhole() else { return requests.map { _ in Self.unrecorded } }
        let standing = try await database.egressStanding(of: session)
        return requests.map { request in
            // One view of the store is one session's.
            request.session == session ? verdict(on: request, standing) : Self.over
        }
    }

    /// A request of the harness's own that the bindings of its secrets allow: what nothing overrides holds for it too
    /// (denials, pauses, a session that is private or over, connections that cannot be recorded).
    package func decide(_ request: EgressRequest, only entries: [EgressEntry]) async throws -> EgressVerdict {
        try await answer(to: request, only: entries).verdict
    }

    private static let unrecorded = EgressVerdict.refuse(
        reason: "The network is closed: its use cannot be recorded. An administrator has to look.")
    private static let over = EgressVerdict.refuse(reason: "This session is over, and reaches nothing any more.")

    private func answer(
        to request: EgressRequest, only bound: [EgressEntry]? = nil
    ) async throws -> (verdict: EgressVerdict, standing: EgressStanding?) {
        // What cannot be recorded is not done; what could not be recorded before is recorded first.
        guard await record.isWhole() else { return (Self.unrecorded, nil) }
        let standing = try await database.egressStanding(of: request.session)
        return (verdict(on: request, standing, only: bound), standing)
    }

    private func verdict(
        on request: EgressRequest, _ standing: EgressStanding?, only bound: [EgressEntry]? = nil
    ) -> EgressVerdict {
        guard let standing, standing.session.state == .live else { return Self.over }
        guard let subject = standing.subject else {
            return .refuse(reason: "The person this session works for may not use Bulkhead here any more.")
        }
        if let pause = pauses.pause(
            person: subject.requester, onBehalfBy: standing.onBehalfBy, channel: subject.channel)
        {
            return .refuse(reason: "The network is \(pause.inWords), with the rest. Stop, and tell the person.")
        }
        let decision: EgressDecision
        if let bound {
            decision = policy.current.egress.decide(
                request.target, method: request.method, path: request.path, for: subject, only: bound)
        } else if request.door == .workspace {
            decision = policy.current.egress.decide(
                request.target, method: request.method, path: request.path, for: subject, grants: standing.rules,
                at: database.clock.now())
        } else {
            decision = policy.current.egress.decide(
                request.target, method: request.method, path: request.path, for: subject,
                only: errands[request.session]?[request.door] ?? [])
        }
        switch decision {
        case .allow(let rule, let isUnnamed): return .allow(rule: rule, allowsUnnamedTLS: isUnnamed)
        case .refuse(let reason, _): return .refuse(reason: reason)
        }
    }

    /// Whether all of `entry` is granted to the session, and nothing denies it.
    package func grants(_ entry: EgressEntry, to session: SessionID) async throws -> Bool {
        guard let standing = try await database.egressStanding(of: session), let subject = standing.subject,
            policy.current.egress.denial(of: entry, for: subject) == nil
        else { return false }
        return policy.current.egress.entries(for: subject, grants: standing.rules, at: database.clock.now())
            .contains { $0.entry.contains(entry) }
    }

    package func record(_ connection: EgressConnection) async {
        // Where this fails, what else is open ends with the next look: it could not be recorded either.
        await record.write(connection)
    }

    // MARK: Changes

    /// Doors and live connections fit what holds by now when this returns. To be called after every change of grants,
    /// policy, pauses and people.
    package func reconsider() async { await reconsider(onlyOpen: false) }

    private func reconsider(onlyOpen: Bool) async {
        // At once, whatever an earlier look still waits for: what is to end does not stand in a queue.
        await doors?.recheck(nil)
        let before = sweeping
        let task = Task {
            await before?.value
            await sweep(onlyOpen: onlyOpen)
        }
        sweeping = task
        await task.value
    }

    private func sweep(onlyOpen: Bool) async {
        for (session, sandbox) in sandboxes where sandbox.hasDoor || !onlyOpen { await fit(session) }
    }

    /// Opens or shuts the session's door.
    private func fit(_ session: SessionID) async {
        guard let sandbox = sandboxes[session] else { return }
        let wants = await wantsDoor(session)
        guard wants != sandbox.hasDoor else { return }
        sandboxes[session]?.hasDoor = wants
        do {
            if wants {
                try await sandbox.compartment.serveEgress { [weak self] listening in
                    await self?.serve(listening, session)
                }
            } else {
                try await sandbox.compartment.serveEgress(nil)
                await doors?.close(session, name: .workspace)
            }
        } catch {
            logger.warning(
                "a sandbox's egress door could not be \(wants ? "opened" : "shut")",
                metadata: ["session": "\(session)", "error": "\(error)"])
            if wants { sandboxes[session]?.hasDoor = false }
        }
    }

    /// Whether the session could reach anything. Throws where that cannot be told.
    func reachesAnything(_ session: SessionID) async throws -> Bool {
        guard let standing = try await database.egressStanding(of: session), standing.session.state == .live,
            let subject = standing.subject
        else { return false }
        return policy.current.egress.grantsAnything(
            to: subject, grants: standing.rules, at: database.clock.now())
    }

    /// Not knowing is no.
    private func wantsDoor(_ session: SessionID) async -> Bool {
        (try? await reachesAnything(session)) ?? false
    }
}
