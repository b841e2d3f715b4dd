internal import Compartments
internal import MCP
internal import Model

/// A compartment of the drill's own: from the pool that every session's comes from, with the operator's files and a
/// scratch volume that goes with it. No conversation, no person and no channel stand behind it.
final class DrillSandbox: Sendable {
    let session: SessionID
    private let pool: CompartmentPool
    private let compartment: Compartment

    /// Sessions of the drill are known by it, also those of a daemon that died meanwhile.
    static let prefix = "drill-"

    private init(session: SessionID, pool: CompartmentPool, compartment: Compartment) {
        self.session = session
        self.pool = pool
        self.compartment = compartment
    }

    static func take(from pool: CompartmentPool, identifiers: IdentifierSource) async throws -> DrillSandbox {
        let made: SessionID = identifiers.make()
        let session = SessionID(trusted: prefix + made.rawValue)
        return DrillSandbox(session: session, pool: pool, compartment: try await pool.take(for: session))
    }

    var id: CompartmentID { compartment.id }

    /// The folder its probes may write to.
    static let folder = Mount.session.path

    private var volumes: [VolumeGrant] {
        [VolumeGrant(.global, .readOnly), VolumeGrant(.session(session), .readWrite)]
    }

    /// What the workspace's own tool of that name answers. A wait that does not end is the tool's to end, and then ours.
    func call(
        _ tool: String, _ arguments: JSONObject, within limit: Duration = .seconds(40)
    ) async throws -> CallToolResult {
        try await compartment.workspace(volumes: volumes).callTool(tool, arguments: arguments, timeout: limit)
    }

    func bash(_ command: String, seconds: Int64 = 30) async throws -> (text: String, isError: Bool) {
        let result = try await call(
            "bash", ["command": .string(command), "timeout_seconds": .int(seconds)],
            within: .seconds(seconds + 10))
        return (result.text, result.isError)
    }

    /// From now on the workspace has an egress door, which `serve` is given.
    func serveEgress(_ serve: @escaping Compartment.ServeDoor) async throws {
        _ = try await compartment.workspace(volumes: volumes)
        try await compartment.serveEgress(serve)
    }

    /// Returns what is left of it all the same, in words; empty where nothing.
    func end() async -> [String] {
        await compartment.end()
        // Not in the caller's task: that may be cancelled, and the volume is to be gone.
        return await Task { [pool, session] in
            do {
                try await pool.discardScratch(of: session)
                return []
            } catch {
                return ["the scratch volume of \(session): \(error)"]
            }
        }.value
    }

    /// What a daemon that died in a drill left. Containers are the broker's to end, and it has; scratch is looked for here.
    static func removeLeftovers(_ pool: CompartmentPool) async throws {
        var last: SessionID?
        while case let found = try await pool.scratches(after: last), let newest = found.last {
            for session in found where session.rawValue.hasPrefix(prefix) {
                try await pool.discardScratch(of: session)
            }
            last = newest
        }
    }
}

extension CallToolResult {
    var text: String {
        content.compactMap { if case .text(let text) = $0 { text } else { nil } }.joined(separator: "\n")
    }
}
