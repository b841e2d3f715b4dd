package import MCP
internal import Model

/// A command apart from the session's sandbox, under way until its container is gone.
struct Errand {
    let grants: Set<VolumeGrant>
    let task: Task<CallToolResult, any Error>
    /// Once it is connected to.
    var workspace: Workspace?
    /// It is being ended because its time is over.
    var isLate = false
}

extension Compartment {
    /// Runs `body` with the tools of a workspace container of its own, beside the session's and of the same make: the same
    /// volumes, verified; a uid, processes, a /tmp and an egress door (where `serve` takes one) of its own. One at a time,
    /// and only where the session's workspace runs: what that one may not have any more, this one has not either. The
    /// container is gone when this returns, however it returns. After `deadline`, its start included, it is ended and
    /// `CompartmentError.timedOut` thrown.
    package func errand(
        deadline: Duration, egress serve: ServeDoor? = nil,
        _ body: @escaping @Sendable (ClientSession) async throws -> CallToolResult
    ) async throws -> CallToolResult {
        let grants = try await runningGrants()
        // Nothing is awaited between the check and this: whoever takes volumes away finds the errand.
        guard errand == nil else {
            throw CompartmentError(.limit, "a command with secrets is running already: wait for its end")
        }
        let task = Task { try await self.run(deadline, grants, serve, body) }
        errand = Errand(grants: grants, task: task)
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }

    /// Ends the errand that has more than `grants`, and returns when it is gone.
    func endErrand(beyond grants: Set<VolumeGrant>) async {
        guard let errand, !errand.grants.isSubset(of: grants) else { return }
        errand.task.cancel()
        _ = await errand.task.result
    }

    /// Ends it, whatever it has.
    func endErrand() async {
        errand?.task.cancel()
        _ = await errand?.task.result
    }

    private func run(
        _ deadline: Duration, _ grants: Set<VolumeGrant>, _ serve: ServeDoor?,
        _ body: @escaping @Sendable (ClientSession) async throws -> CallToolResult
    ) async throws -> CallToolResult {
        let result: Result<CallToolResult, any Error>
        do {
            result = .success(
                try await withThrowingTaskGroup(of: CallToolResult.self) { group in
                    group.addTask { try await self.perform(grants, serve, body) }
                    group.addTask {
                        let isLate = (try? await Task.sleep(for: deadline)) != nil
                        // Late or cancelled: whatever `body` waits for there, its connection ends.
                        await self.closeErrand(isLate: isLate)
                        throw CancellationError()
                    }
                    defer { group.cancelAll() }
                    guard let first = try await group.next() else { throw CancellationError() }
                    return first
                })
        } catch {
            // What `body` says of a connection that was taken from it is not why it ended.
            let isLate = errand?.isLate == true
            result = .failure(
                isLate ? CompartmentError(.timedOut, "the command with secrets was ended after \(deadline)") : error)
        }
        // Not in this task: it may be cancelled, and the container is to be gone.
        await Task { await self.remove() }.value
        return try result.get()
    }

    private func closeErrand(isLate: Bool) async {
        errand?.isLate = isLate
        await errand?.workspace?.close()
    }

    private func perform(
        _ grants: Set<VolumeGrant>, _ serve: ServeDoor?,
        _ body: @Sendable (ClientSession) async throws -> CallToolResult
    ) async throws -> CallToolResult {
        // One whose end failed, if there is any.
        try await engine.end(id, part: .errand)
        let transport = try await engine.createErrand(id, volumes: Self.ordered(grants))
        let workspace = try await Workspace.connect(transport, grants: grants, checksFlags: placesLate) {}
        errand?.workspace = workspace
        if let serve {
            try Task.checkCancellation()
            await serve(try await engine.openEgress(id, part: .errand))
        }
        // Ended in the meantime: what this began is removed, and nothing runs in it.
        try Task.checkCancellation()
        return try await body(workspace.session)
    }

    private func remove() async {
        await errand?.workspace?.close()
        // Where this fails the engine is away, and removes it as soon as it is back; the next errand asks again.
        try? await engine.end(id, part: .errand)
        errand = nil
    }
}
