internal import Harness
internal import MCP
package import Model
internal import Policy
internal import Store
internal import ToolServers

// What people allowed beyond one call.
extension ConversationService {
    package func grants(for person: PersonID) async throws -> [GrantView] {
        try await mapped { try await grantDesk.list(for: person) }
    }

    package func revokeGrant(_ id: GrantID, by person: PersonID) async throws {
        try await mapped { try await grantDesk.revoke(id, by: person) }
    }

    private var grantDesk: GrantDesk {
        let policy = parts.policy.current
        let known = ConversationServer.declared + SandboxServer.declared + parts.servers.flatMap(\.tools)
        let digests = Dictionary(known.map { ($0.tool.name, $0) }) { first, _ in first }
            .mapValues { tool in
                let override = policy.override(for: tool.tool.name)
                return tool.digest(
                    effect: override?.effect ?? tool.effect, runsCommands: override?.runsCommands ?? tool.runsCommands)
            }
        return GrantDesk(
            database: database, audit: parts.audit, redactor: parts.redactor, toolDigest: { digests[$0] })
    }
}
