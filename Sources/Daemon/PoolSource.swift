internal import Compartments
internal import Conversations
internal import MCP
internal import Model

/// The pool as conversations see it.
struct PoolSource: CompartmentSource {
    let pool: CompartmentPool

    func take(for session: SessionID) async throws -> any SessionCompartment {
        do {
            return PooledCompartment(compartment: try await pool.take(for: session))
        } catch let error as CompartmentError {
            throw ChatError(
                .unavailable,
                "The assistant has no sandbox to work in: \(error.message). Please ask again in a minute; an operator "
                    + "can see more with `bulkhead doctor`.")
        }
    }

    func discardScratch(of session: SessionID) async throws {
        try await pool.discardScratch(of: session)
    }

    func scratches(after session: SessionID?) async throws -> [SessionID] {
        try await pool.scratches(after: session)
    }
}

private struct PooledCompartment: SessionCompartment {
    let compartment: Compartment

    var id: CompartmentID { compartment.id }
    var agentTransport: any MessageTransport { compartment.agentTransport }

    func workspace(volumes: [VolumeGrant]) async throws -> ClientSession {
        try await compartment.workspace(volumes: volumes)
    }

    func serveEgress(_ serve: (@Sendable (CInt) async -> Void)?) async throws {
        try await compartment.serveEgress(serve)
    }

    func errand(
        deadline: Duration, egress serve: (@Sendable (CInt) async -> Void)?,
        _ body: @escaping @Sendable (ClientSession) async throws -> CallToolResult
    ) async throws -> CallToolResult {
        try await compartment.errand(deadline: deadline, egress: serve, body)
    }

    /// The engine tells of an end a moment after the connection broke: it is given that moment.
    func whyAgentEnded() async -> String {
        for _ in 0..<20 {
            if let end = await compartment.agentEnd { return end.sentence }
            try? await Task.sleep(for: .milliseconds(100))
        }
        return "The assistant's process ended unexpectedly. The next message starts it afresh."
    }

    func whyWorkspaceEnded() async -> String {
        await compartment.workspaceEndSentence()
    }

    func end() async {
        await compartment.end()
    }
}
