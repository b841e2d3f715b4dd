package import MCP
package import Model

extension Compartment {
    /// Runs `body` with the tools of a workspace container of its own, beside the session's and of the same make: exactly
    /// `volumes` bound and verified, an uid, a /tmp and an egress door (where `serve` takes one) of its own. One at a time;
    /// the container is gone when this returns, however it returns. After `deadline`, its start included, it is ended and
    /// `CompartmentError.timedOut` thrown.
    package func errand(
        volumes: [VolumeGrant], deadline: Duration, egress serve: ServeDoor? = nil,
        _ body: @escaping @Sendable (ClientSession) async throws -> CallToolResult
    ) async throws -> CallToolResult {
        guard !isEnded else { throw CompartmentError(.ended, "the session's sandbox has ended") }
        guard !isOnErrand else {
            throw CompartmentError(.limit, "a command with secrets is running already: wait for its end")
        }
        isOnErrand = true
        let result: Result<CallToolResult, any Error>
        do {
            result = .success(
                try await withThrowingTaskGroup(of: CallToolResult.self) { group in
                    group.addTask { try await self.perform(Set(volumes), serve, body) }
                    group.addTask {
                        let isLate = (try? await Task.sleep(for: deadline)) != nil
                        // Late or cancelled: whatever `body` waits for there, its connection ends.
                        await self.errand?.close()
                        guard isLate else { throw CancellationError() }
                        throw CompartmentError(.timedOut, "the command with secrets was ended after \(deadline)")
                    }
                    defer { group.cancelAll() }
                    guard let first = try await group.next() else { throw CancellationError() }
                    return first
                })
        } catch {
            result = .failure(error)
        }
        // Not in the caller's task: that may be cancelled, and the container is to be gone.
        await Task { await self.endErrand() }.value
        return try result.get()
    }

    private func perform(
        _ grants: Set<VolumeGrant>, _ serve: ServeDoor?,
        _ body: @Sendable (ClientSession) async throws -> CallToolResult
    ) async throws -> CallToolResult {
        // One whose end failed, if there is any.
        try await engine.end(id, part: .errand)
        let transport = try await engine.createErrand(id, volumes: Self.ordered(grants))
        let workspace = try await Workspace.connect(transport, grants: grants, checksFlags: placesLate) {}
        errand = workspace
        // Ended in the meantime: what this began is the end's to remove, and nothing runs in it.
        guard !isEnded else { throw CompartmentError(.ended, "the session's sandbox has ended") }
        if let serve { await serve(try await engine.openEgress(id, part: .errand)) }
        try Task.checkCancellation()
        return try await body(workspace.session)
    }

    private func endErrand() async {
        await errand?.close()
        errand = nil
        // Where this fails the engine is away, and removes it as soon as it is back; the next errand asks again.
        try? await engine.end(id, part: .errand)
        isOnErrand = false
    }
}
