package import Logging
internal import MCP
package import Model

/// Keeps started compartments ready, hands them out, and sees to their end.
package actor CompartmentPool {
    /// What the harness does with a compartment's model door before anybody has the compartment. Owns the descriptor.
    package typealias OpenDoor = @Sendable (CompartmentID, CInt) async throws -> Void
    package typealias CloseDoor = @Sendable (CompartmentID) async -> Void

    private let engine: any Engine
    private let configuration: PoolConfiguration
    private let identifiers: IdentifierSource
    private let openDoor: OpenDoor
    private let closeDoor: CloseDoor
    private let logger: Logger

    private var ready: [Compartment] = []
    private var live: [CompartmentID: Compartment] = [:]
    private var placesLate: Bool?
    private var isReachable = false
    private let wake: AsyncStream<Void>.Continuation
    private let wakes: AsyncStream<Void>
    /// Why no compartment could be started last; `nil` when one could.
    package private(set) var problem: String?

    package init(
        engine: any Engine, configuration: PoolConfiguration = .init(), identifiers: IdentifierSource = .init(),
        logger: Logger, openDoor: @escaping OpenDoor, closeDoor: @escaping CloseDoor = { _ in }
    ) {
        self.engine = engine
        self.configuration = configuration
        self.identifiers = identifiers
        self.logger = logger
        self.openDoor = openDoor
        self.closeDoor = closeDoor
        (wakes, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Watches the engine and refills until cancelled; then ends everything.
    package func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.engine.run { await self.handle($0) } }
            group.addTask { await self.refill() }
        }
        // Not in this task: it is cancelled, and the containers are to be gone.
        await Task { for compartment in Array(live.values) { await compartment.end() } }.value
    }

    package var readyCount: Int { ready.count }
    package var liveCount: Int { live.count }

    /// A compartment with its agent running: a ready one, or a new one where none is.
    package func take(for session: SessionID) async throws -> Compartment {
        while !ready.isEmpty {
            let compartment = ready.removeFirst()
            wake.yield()
            guard await compartment.agentEnd == nil else {
                await compartment.end()
                continue
            }
            logger.debug("compartment taken", metadata: ["session": "\(session)", "compartment": "\(compartment.id)"])
            return compartment
        }
        wake.yield()
        return try await start()
    }

    /// As `Engine.discardScratch`: after the session's compartment has ended.
    package func discardScratch(of session: SessionID) async throws {
        try await engine.discardScratch(of: session)
    }

    package func scratches(after session: SessionID?) async throws -> [SessionID] {
        try await engine.scratches(after: session)
    }

    // MARK: Starting

    private func start() async throws -> Compartment {
        do {
            let placesLate = try await knownPlacing()
            let id: CompartmentID = identifiers.make()
            let agent = try await engine.createAgent(id)
            let compartment = Compartment(
                id: id, agentTransport: agent.transport, engine: engine, placesLate: placesLate
            ) { [weak self] id in await self?.release(id) }
            live[id] = compartment
            do {
                try await openDoor(id, agent.modelDoor)
            } catch {
                await compartment.end()
                throw error
            }
            problem = nil
            return compartment
        } catch {
            problem = "\(error)"
            throw error
        }
    }

    private func knownPlacing() async throws -> Bool {
        if let placesLate { return placesLate }
        let description = try await engine.describe()
        if let problem = description.problem { throw CompartmentError(.unavailable, problem) }
        placesLate = description.placesLate
        return description.placesLate
    }

    /// Makes compartments ready while any is wanted, and backs off while that fails.
    private func refill() async {
        for await _ in wakes {
            var pause = Duration.milliseconds(200)
            while isReachable, !Task.isCancelled, ready.count < configuration.ready {
                let wanted = min(max(1, configuration.startsAtOnce), configuration.ready - ready.count)
                let made = await withTaskGroup(of: Compartment?.self) { group in
                    for _ in 0..<wanted { group.addTask { try? await self.start() } }
                    var made: [Compartment] = []
                    for await compartment in group { if let compartment { made.append(compartment) } }
                    return made
                }
                ready += made
                // On the way out nothing is made, and nothing is wrong.
                guard made.isEmpty, !Task.isCancelled else { continue }
                logger.warning("no compartment could be made ready", metadata: ["error": "\(problem ?? "")"])
                try? await Task.sleep(for: pause)
                pause = min(pause * 2, .seconds(10))
            }
        }
    }

    // MARK: Ends

    private func release(_ id: CompartmentID) async {
        live[id] = nil
        ready.removeAll { $0.id == id }
        await closeDoor(id)
        do {
            try await engine.end(id, part: nil)
        } catch {
            // The broker removes what is left as soon as it can; nothing of it is used any more.
            logger.warning("compartment not removed yet", metadata: ["compartment": "\(id)", "error": "\(error)"])
        }
    }

    private func handle(_ event: EngineEvent) async {
        switch event {
        case .ready:
            isReachable = true
            wake.yield()
        case .ended(let id, let end):
            await note(end, of: id)
        case .lost:
            isReachable = false
            placesLate = nil
            for id in Array(live.keys) { await note(CompartmentEnd(part: .agent, reason: .engineGone), of: id) }
        }
    }

    private func note(_ end: CompartmentEnd, of id: CompartmentID) async {
        guard let compartment = live[id] else { return }
        await compartment.note(end)
        // Nobody has it yet, so nobody else would end it.
        guard end.part == .agent, let index = ready.firstIndex(where: { $0.id == id }) else { return }
        ready.remove(at: index)
        await compartment.end()
        wake.yield()
    }
}
