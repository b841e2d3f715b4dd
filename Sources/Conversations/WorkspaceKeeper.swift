internal import Harness
package import Model

/// Keeps the whole of an oversized tool result in the session's scratch folder, where the agent can look into it.
struct WorkspaceKeeper: OversizeKeeper {
    let service: ConversationService

    func keep(_ text: String, call: CallRequest) async throws -> String {
        let path = "/workspace/session/results/\(call.id.rawValue).txt"
        guard let live = await service.liveSession(call.session) else {
            throw ChatError(.unavailable, "The session is gone.")
        }
        let bytes = Array(text.utf8.prefix(service.limits.keptResultBytes))
        try await live.workspace.put(bytes, at: path)
        return bytes.count < text.utf8.count ? "\(path) (its first \(bytes.count) bytes)" : path
    }
}

extension ConversationService {
    /// Puts a file into a live session's workspace.
    package func place(_ bytes: [UInt8], at path: String, in session: SessionID) async throws {
        guard let live = liveSession(session) else { throw ChatError(.unavailable, "The session is gone.") }
        try await live.workspace.put(bytes, at: path)
    }
}
