package import MCP
package import Model

/// A session's two containers. The agent's runs from the start; the workspace's is started at its first use, and again
/// after it ended. A third, the errand's, lives for one command.
package actor Compartment {
    /// Serves an egress door from now on. The listening descriptor is its own to close; closing it shuts the door.
    package typealias ServeDoor = @Sendable (CInt) async -> Void

    package nonisolated let id: CompartmentID
    /// The agent is an MCP client, whoever takes the compartment its server.
    package nonisolated let agentTransport: any MessageTransport
    /// What ended without being asked to, agent or workspace. Finishes when the compartment ends. To be iterated once.
    package nonisolated let ended: AsyncStream<CompartmentEnd>

    private enum WorkspaceState {
        case none
        case starting(Task<Workspace, any Error>)
        case running(Workspace)
    }

    let engine: any Engine
    let placesLate: Bool
    private let release: @Sendable (CompartmentID) async -> Void
    private nonisolated let notify: AsyncStream<CompartmentEnd>.Continuation
    private var workspaceState = WorkspaceState.none
    /// Which of the compartment's workspaces is meant: an earlier one's end must not end its successor.
    private var workspaceNumber = 0
    private var lastWorkspaceEnd: CompartmentEnd?
    private var waitingForReason: [CheckedContinuation<Void, Never>] = []
    private var isEnded = false
    private var serveDoor: ServeDoor?
    /// The workspace whose door `serveDoor` has.
    private var servedNumber = 0
    var errand: Errand?
    package private(set) var agentEnd: CompartmentEnd?

    /// `release` removes the containers; it is called once.
    init(
        id: CompartmentID, agentTransport: any MessageTransport, engine: any Engine, placesLate: Bool,
        release: @escaping @Sendable (CompartmentID) async -> Void
    ) {
        self.id = id
        self.agentTransport = agentTransport
        self.engine = engine
        self.placesLate = placesLate
        self.release = release
        (ended, notify) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(16))
    }

    // MARK: The workspace

    /// The workspace's tools, with exactly `volumes` bound and verified from inside. Starts the container where none runs,
    /// binds what is missing, and starts anew where something bound must go. Callers at the same time share one start.
    package func workspace(volumes: [VolumeGrant]) async throws -> ClientSession {
        let wanted = Set(volumes)
        while true {
            guard !isEnded else { throw CompartmentError(.ended, "the session's sandbox has ended") }
            switch workspaceState {
            case .starting(let task):
                // Its failure is told to the one who started it; everyone else tries in turn.
                _ = try? await task.value
            case .running(let workspace) where workspace.grants == wanted:
                return workspace.session
            case .running(let workspace):
                return try await start(wanted) { [placesLate] in
                    guard placesLate, workspace.grants.isSubset(of: wanted) else {
                        return try await self.startWorkspace(wanted, replacing: workspace)
                    }
                    let missing = wanted.subtracting(workspace.grants)
                    for grant in Self.ordered(missing) { try await self.engine.place(grant, in: self.id) }
                    try await workspace.verify(missing, checksFlags: true)
                    return workspace.with(wanted)
                }
            case .none:
                return try await start(wanted) { try await self.startWorkspace(wanted, replacing: nil) }
            }
        }
    }

    private func start(
        _ wanted: Set<VolumeGrant>, _ body: @escaping @Sendable () async throws -> Workspace
    ) async throws -> ClientSession {
        // What came of it stands in the state before the task is over: whoever waits for the task asks again at once, and
        // would do so for ever, without a turn for anybody else here, where the state still said that it starts.
        let task = Task {
            do {
                let workspace = try await body()
                guard !isEnded else {
                    await workspace.close()
                    throw CompartmentError(.ended, "the session's sandbox has ended")
                }
                workspaceState = .running(workspace)
                // Where somebody came to serve it only now.
                try await openDoor(of: workspaceNumber)
                return workspace
            } catch {
                // Fails closed: a container whose volumes are in doubt is not used.
                try? await engine.end(id, part: .workspace)
                workspaceState = .none
                throw error
            }
        }
        workspaceState = .starting(task)
        return try await task.value.session
    }

    private func startWorkspace(_ wanted: Set<VolumeGrant>, replacing old: Workspace?) async throws -> Workspace {
        await endErrand(beyond: wanted)
        if let old { await old.close() }
        // Also what ended by itself and is still being removed.
        try await engine.end(id, part: .workspace)
        lastWorkspaceEnd = nil
        workspaceNumber += 1
        let number = workspaceNumber
        let transport = try await engine.createWorkspace(id, volumes: Self.ordered(wanted))
        let workspace = try await Workspace.connect(transport, grants: wanted, checksFlags: placesLate) { [weak self] in
            await self?.workspaceClosed(number)
        }
        do {
            try await openDoor(of: number)
            return workspace
        } catch {
            await workspace.close()
            throw error
        }
    }

    /// From now on the workspace container has an egress door, and `serve` is given it: at once where one runs, else as
    /// part of each start, before anything is run there. `nil`: containers started later have none; the door that is
    /// there shuts when whoever serves it closes it.
    package func serveEgress(_ serve: ServeDoor?) async throws {
        serveDoor = serve
        servedNumber = 0
        // One that is being started gets it at the end of that; nobody waits for it here.
        guard case .running = workspaceState else { return }
        try await openDoor(of: workspaceNumber)
    }

    private func openDoor(of number: Int) async throws {
        guard let serveDoor, servedNumber != number else { return }
        servedNumber = number
        await serveDoor(try await engine.openEgress(id, part: .workspace))
    }

    /// What the running workspace has bound.
    func runningGrants() async throws -> Set<VolumeGrant> {
        while case .starting(let task) = workspaceState { _ = try? await task.value }
        guard !isEnded, case .running(let workspace) = workspaceState else {
            throw CompartmentError(.ended, "the session's sandbox does not run")
        }
        return workspace.grants
    }

    static func ordered(_ grants: Set<VolumeGrant>) -> [VolumeGrant] {
        grants.sorted { $0.volume.kind.path < $1.volume.kind.path }
    }

    private func workspaceClosed(_ number: Int) {
        guard number == workspaceNumber, case .running = workspaceState else { return }
        workspaceState = .none
    }

    /// Why the workspace's connection broke, in a sentence for people. Waits shortly for the engine to say.
    package func workspaceEndSentence() async -> String {
        if lastWorkspaceEnd == nil, !isEnded {
            let giveUp = Task { [weak self] in
                try? await Task.sleep(for: .seconds(2))
                await self?.stopWaitingForReason()
            }
            await withCheckedContinuation { waitingForReason.append($0) }
            giveUp.cancel()
        }
        return lastWorkspaceEnd?.sentence ?? "The sandbox ended. The next command starts a new one."
    }

    private func stopWaitingForReason() {
        for waiting in waitingForReason { waiting.resume() }
        waitingForReason = []
    }

    /// Ends the workspace container; the next use starts a new one.
    package func endWorkspace() async throws {
        if case .starting(let task) = workspaceState { _ = try? await task.value }
        if case .running(let workspace) = workspaceState {
            workspaceState = .none
            await workspace.close()
        }
        try await engine.end(id, part: .workspace)
    }

    // MARK: The end

    /// Told by the pool.
    func note(_ end: CompartmentEnd) {
        guard !isEnded else { return }
        switch end.part {
        case .agent:
            agentEnd = end
            agentTransport.close()
        // Whoever waits for its command sees its connection end.
        case .errand: return
        case .workspace:
            lastWorkspaceEnd = end
            if case .running(let workspace) = workspaceState {
                workspaceState = .none
                Task { await workspace.close() }
            }
            stopWaitingForReason()
        }
        notify.yield(end)
    }

    /// Ends all containers. Returns when they are gone, with mounts and doors, or the engine cannot be reached.
    package func end() async {
        guard !isEnded else { return }
        isEnded = true
        notify.finish()
        stopWaitingForReason()
        agentTransport.close()
        if case .running(let workspace) = workspaceState { await workspace.close() }
        workspaceState = .none
        await endErrand()
        // Not in the caller's task: that may be cancelled, and the containers are to be gone.
        await Task { [release, id] in await release(id) }.value
    }
}
