import Audit
import Model
import Policy
import Store
import ToolServers

extension Gate {
    /// What somebody has allowed beforehand, looked for where people would be asked, and nowhere else.
    func grant(answering ask: ApprovalRequest) async throws -> GrantRecord? {
        guard ask.offer != nil else { return nil }
        return try await standing.grants(for: ask.requester, tool: ask.tool, in: ask.conversation)
            .first { $0.covers(ask, at: wallClock.now()) }
    }

    /// On record as approved, by the giver, and under the grant's own name.
    func permit(
        _ grant: GrantRecord, for ask: ApprovalRequest, _ policy: Policy, _ request: CallRequest,
        _ tool: RegisteredTool, _ demand: ToolDemand?
    ) -> Permit {
        let rule = Rule(name: "grant \(grant.id) for \(ask.rule.name)", line: ask.rule.line)
        var permit = permit(.approved, rule, policy, request, tool, demand)
        permit.approvedBy = grant.giver
        permit.grant = grant.id
        // Held to, as what a person approves at this moment is.
        permit.evidence = ask.evidence
        return permit
    }
}
