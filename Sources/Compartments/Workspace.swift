internal import MCP
internal import Model

/// A running workspace container, its volumes verified.
final class Workspace: Sendable {
    let session: ClientSession
    let grants: Set<VolumeGrant>
    let connection: Task<Void, Never>
    private let transport: any MessageTransport

    private init(
        session: ClientSession, grants: Set<VolumeGrant>, connection: Task<Void, Never>,
        transport: any MessageTransport
    ) {
        self.session = session
        self.grants = grants
        self.connection = connection
        self.transport = transport
    }

    /// Connects to the tool server at the other end of `transport`, and asks it what it sees of its volumes. `onEnd` is
    /// called when the connection is no more. Throws, with nothing left running, where anything is not as it should be.
    static func connect(
        _ transport: any MessageTransport, grants: Set<VolumeGrant>, checksFlags: Bool,
        onEnd: @escaping @Sendable () async -> Void
    ) async throws -> Workspace {
        let session = ClientSession(info: Implementation(name: "bulkhead", version: "1"), transport: transport)
        let connection = Task {
            try? await session.run()
            await onEnd()
        }
        let workspace = Workspace(session: session, grants: grants, connection: connection, transport: transport)
        do {
            _ = try await session.connect(timeout: .seconds(20), silence: .seconds(15))
            try await workspace.verify(grants, checksFlags: checksFlags)
            return workspace
        } catch {
            await workspace.close()
            throw error
        }
    }

    /// The same connection with more volumes.
    func with(_ grants: Set<VolumeGrant>) -> Workspace {
        Workspace(session: session, grants: grants, connection: connection, transport: transport)
    }

    /// Fails closed: an error, another answer than "as asked" and no answer are all the same.
    func verify(_ grants: Set<VolumeGrant>, checksFlags: Bool) async throws {
        guard !grants.isEmpty else { return }
        let mounts: [JSONValue] = grants.sorted { $0.volume.kind.path < $1.volume.kind.path }.map {
            ["path": .string($0.volume.kind.path), "access": .string($0.access.rawValue)]
        }
        var arguments: JSONObject = ["mounts": .array(mounts)]
        if !checksFlags { arguments["flags"] = false }
        let result: CallToolResult
        do {
            result = try await session.callTool("host_check", arguments: arguments, timeout: .seconds(20))
        } catch {
            throw CompartmentError(.unverified, "the sandbox did not confirm its volumes: \(error)")
        }
        guard !result.isError else {
            throw CompartmentError(.unverified, "the sandbox's volumes are not as asked: \(result.plainText)")
        }
    }

    func close() async {
        await session.close()
        connection.cancel()
    }
}

extension CallToolResult {
    var plainText: String {
        content.compactMap { if case .text(let text) = $0 { text } else { nil } }.joined(separator: "\n")
    }
}
