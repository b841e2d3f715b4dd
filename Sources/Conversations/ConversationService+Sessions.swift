internal import Audit
internal import Harness
internal import Logging
internal import LeakScan
internal import MCP
internal import Model
internal import Policy
internal import Store
internal import ToolServers

/// A session that has a row and no compartment. Whoever asked for it tells people, and ends it.
struct StartFailure: Error {
    let session: SessionID
    let cause: any Error
}

// Sessions: made at a turn's start, kept while in use, given back when idle.
extension ConversationService {
    /// The live session of `key`, or a new one with a compartment of its own.
    func session(for key: SessionKey) async throws -> LiveSession {
        if let live = sessions[key] {
            if await !live.agent.hasEnded { return live }
            await end(live, reason: "ended")
        }
        await endings[key]?.value
        // Of what waited when somebody was taken out of the settings, nothing is begun.
        guard try await database.person(key.requester)?.isActive == true else {
            throw ChatError(.forbidden, "This was not begun: the person who asked may not use Bulkhead any more.")
        }
        guard sessions.count < limits.sessions else {
            throw ChatError(
                .unavailable,
                "All \(limits.sessions) sessions are in use. Please try again in a few minutes.")
        }
        // One whose end could not be recorded, on a full disk say: it ends now.
        if let stale = try await database.liveSession(conversation: key.conversation, requester: key.requester) {
            try await database.endSession(stale.id, reason: "ended")
        }
        // Only one turn of a conversation runs at a time, so nobody else makes this session meanwhile.
        let record = try await database.startSession(
            conversation: key.conversation, requester: key.requester, compartment: nil)
        do {
            hub.publish(.state("Starting a sandbox"), in: key.conversation)
            let compartment = try await parts.compartments.take(for: record.id)
            let live = try await open(record, compartment: compartment, transport: compartment.agentTransport)
            sessions[key] = live
            spawn {
                await self.serve(live)
                await self.end(live, reason: await compartment.whyAgentEnded())
            }
            return live
        } catch {
            throw StartFailure(session: record.id, cause: error)
        }
    }

    /// Ends the compartment where the session cannot be opened on it.
    func open(
        _ record: SessionRecord, compartment: any SessionCompartment, transport: any MessageTransport,
        isExternal: Bool = false
    ) async throws -> LiveSession {
        do {
            return try await assemble(record, compartment: compartment, transport: transport, isExternal: isExternal)
        } catch {
            await parts.egress?.detach(record.id)
            await parts.doors.close(compartment.id, of: record.id)
            await compartment.end()
            throw error
        }
    }

    private func assemble(
        _ record: SessionRecord, compartment: any SessionCompartment, transport: any MessageTransport,
        isExternal: Bool
    ) async throws -> LiveSession {
        try await database.assign(compartment.id, to: record.id)
        let description = SessionDescription(
            session: record.id, conversation: record.conversation, channel: record.channel,
            requester: record.requester)
        await parts.doors.assign(compartment.id, to: description)
        guard let channel = try await database.channel(record.channel) else {
            throw ChatError(.notFound, "The channel of this conversation is gone.")
        }
        let boundary = Boundary()
        let isOpen = try await opensFolder(for: record, in: channel)
        // Before anything is said, shown or reached: what comes of it is the requester's alone.
        if parts.policy.current.personalFolder == .always { try await database.label(record.id, adding: .private) }
        let opening = try await opening(for: record, in: channel, hasFolder: isOpen, boundary)
        let agent = AgentSession(description, opening: opening)
        let volumes = SessionVolumes(Self.volumes(for: record, hasFolder: isOpen)) { [database] volumes in
            try await database.bindVolumes(volumes, to: record.id)
        }
        let workspace = SandboxServer(
            compartment: compartment, volumes: volumes,
            isPrivate: { [database] in try await database.soleReader(of: record.id) != nil },
            settleEgress: { [egress = parts.egress] in try await egress?.settle(record.id) }, limit: limits.fileBytes,
            journal: undoJournal, errands: parts.errands)
        let own = ConversationServer(
            service: self, agent: agent, workspace: workspace, offersFolder: !isOpen)
        await parts.egress?.attach(record.id, compartment)
        let registry = try ToolRegistry(servers: [own, workspace] + parts.servers)
        try await announceStart(of: record)
        try await parts.audit.event(
            "session.started", subject: AuditSubject(description),
            details: [
                "compartment": .string(compartment.id.rawValue), "personal_folder": .string(isOpen ? "open" : "closed"),
            ])
        return LiveSession(
            agent: agent, compartment: compartment, transport: transport, registry: registry, workspace: workspace,
            isExternal: isExternal, boundary: boundary)
    }

    /// Whether the requester's own files are there from the start. In a direct conversation nobody else reads what comes
    /// of them; in a channel they stay out until the agent asks for them. So they do where something is granted over the
    /// network: a session has the one or the other, and it is the agent's to say which the work needs.
    private func opensFolder(for record: SessionRecord, in channel: ChannelRecord) async throws -> Bool {
        if parts.policy.current.personalFolder == .always { return true }
        guard channel.kind == .dm else { return false }
        return try await parts.egress?.reachesAnything(record.id) != true
    }

    /// Serves the agent until it, or the session, is gone.
    func serve(_ live: LiveSession) async {
        let provider = SessionTools(service: self, live: live)
        let server = ServerSession(
            info: Implementation(name: "bulkhead", version: "1"), instructions: nil, provider: provider,
            transport: live.transport)
        do {
            try await server.run()
        } catch is CancellationError {
            // The daemon is told to stop.
        } catch {
            parts.logger.warning(
                "agent connection failed", metadata: ["session": "\(live.id)", "error": "\(error)"])
        }
    }

    /// Ends a session once; whoever comes first.
    func end(_ live: LiveSession, reason: String) async {
        let key = SessionKey(conversation: live.description.conversation, requester: live.description.requester)
        guard sessions[key]?.id == live.id else { return }
        sessions[key] = nil
        let ending = Task { [database] in
            do { try await database.endSession(live.id, reason: reason) } catch {
                parts.logger.error("a session's end is not recorded", metadata: ["error": "\(error)"])
            }
        }
        endings[key] = ending
        await ending.value
        if endings[key] == ending { endings[key] = nil }
        // Only now: what waits for this turn's end may make the next session at once.
        await live.agent.end(reason: reason)
        await parts.egress?.detach(live.id)
        await parts.doors.close(live.compartment.id, of: live.id)
        await live.compartment.end()
        parts.leaks.leaks.forget(live.id)
        // Only now: until here what ran in it may have carried something on.
        do { try await database.unbindVolumes(of: live.id) } catch {
            parts.logger.warning("a session's volumes stay on record", metadata: ["error": "\(error)"])
        }
        // An agent of ours goes with its container; somebody's own client would stay connected to nothing.
        if live.isExternal { live.transport.close() }
        await discardScratch(of: live.id)
        do {
            try await parts.audit.event(
                "session.ended", subject: AuditSubject(live.description), details: ["reason": .string(reason)])
        } catch {
            parts.logger.error("a session's end is not in the audit", metadata: ["error": "\(error)"])
        }
        await announceEnd(of: live.description, reason: reason)
    }

    private static func volumes(for record: SessionRecord, hasFolder: Bool) -> [VolumeGrant] {
        var volumes = [
            VolumeGrant(.global, .readOnly),
            VolumeGrant(.group(record.channel), .readOnly),
            VolumeGrant(.shared(record.channel), .readWrite),
            VolumeGrant(.thread(record.conversation), .readWrite),
            VolumeGrant(.session(record.id), .readWrite),
        ]
        if hasFolder { volumes.append(VolumeGrant(.user(record.requester), .readWrite)) }
        return volumes
    }

    private func opening(
        for record: SessionRecord, in channel: ChannelRecord, hasFolder: Bool, _ boundary: Boundary
    ) async throws -> JSONObject {
        let place = ContextComposer.Place(
            channelName: channel.name, isDirect: channel.kind == .dm, hasFolder: hasFolder,
            requester: record.requesterName, boundary: boundary)
        // The question itself is not part of the transcript: it comes as the first message.
        let before = try await database.pending(in: record.conversation).first?.sequence
        let transcript = try await database.transcript(of: record.conversation, before: before ?? .max)
        let shown = parts.composer.shown(of: transcript.map { view(of: $0, for: nil) })
        // Whoever reads on has read it.
        let labels = shown.reduce(into: Labels()) { $0.formUnion($1.labels) }
        if !labels.isEmpty { try await database.label(record.id, adding: labels) }
        return ["context": parts.composer.context(for: place, transcript: shown)]
    }
}

extension AuditSubject {
    init(_ session: SessionDescription) {
        self.init(
            requester: session.requester, channel: session.channel, conversation: session.conversation,
            session: session.session)
    }
}
