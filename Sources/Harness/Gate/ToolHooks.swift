package import MCP
package import Policy
package import ToolServers

/// What the operator's hooks have to say of a call. They can deny, ask and narrow, never widen: what they let pass is
/// checked and decided as if they had not been asked, for the agent's arguments and for theirs.
package protocol ToolHooks: Sendable {
    /// Throws where the caller is cancelled, and nothing else: a hook that fails is a denial.
    func before(_ request: CallRequest, _ tool: RegisteredTool) async throws -> ToolHookAnswer
    /// What the agent is given in place of `result`. One that fails changes nothing, and is on record.
    func after(
        _ request: CallRequest, _ tool: RegisteredTool, _ result: CallToolResult, outcome: GateResult.Outcome
    ) async -> CallToolResult
}

package enum ToolHookAnswer: Sendable {
    case pass(arguments: JSONObject, HookFindings)
    case deny(hook: String, reason: String)
}

/// What hooks found of a call that passed them.
package struct HookFindings: Hashable, Sendable {
    package struct Question: Hashable, Sendable {
        package let hook: String
        package let reason: String
        package let approvers: Approvers

        package init(hook: String, reason: String, approvers: Approvers) {
            self.hook = hook
            self.reason = reason
            self.approvers = approvers
        }
    }

    /// The agent's own arguments, where a hook put others in their place.
    package var given: JSONObject?
    package var questions: [Question] = []
    /// For the agent, with the result.
    package var notes: [String] = []

    package init() {}
}
