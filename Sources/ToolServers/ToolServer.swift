package import MCP
package import Model

/// One tool as the harness knows it: what the agent is told (`tool`) and what the gate needs to know.
package struct RegisteredTool: Sendable {
    package let tool: Tool
    package let effect: Effect
    /// The server that runs it, as it stands in the audit: `workspace`, `conversation`, `memory`, …
    package let server: String
    /// Runs a command of the agent's choosing (`bash`): the mode "Ask before commands" asks for these.
    package let runsCommands: Bool
    /// What a session has touched once it used the tool. The operator's policy can only add to it.
    package let labels: Labels
    /// Hands something of the session out to people, past its answer.
    package let handsOut: Bool
    /// What comes back are the harness's own words: nothing a file, a command or somebody outside said.
    package let isHarness: Bool
    /// What comes back is for the agent alone: neither shown to people, kept, digested, nor given to hooks.
    package let hasSecretResult: Bool

    /// Members of its arguments that are for the tool alone: never kept, shown to nobody who approves, and to no hook.
    package let secretArguments: Set<String>

    package init(
        tool: Tool, effect: Effect, server: String, runsCommands: Bool = false, labels: Labels = [],
        handsOut: Bool = false, isHarness: Bool = false, hasSecretResult: Bool = false,
        secretArguments: Set<String> = []
    ) {
        self.tool = tool
        self.effect = effect
        self.server = server
        self.runsCommands = runsCommands
        self.labels = labels
        self.handsOut = handsOut
        self.isHarness = isHarness
        self.hasSecretResult = hasSecretResult
        self.secretArguments = secretArguments
    }
}

/// On whose behalf and where a tool runs. Fixed by the harness; nothing of it comes from the agent.
package struct ToolContext: Sendable {
    package let session: SessionID
    package let conversation: ConversationID
    package let channel: ChannelID
    package let requester: PersonID
    package let call: CallID
    /// The command was let through for what its words mean in a fresh shell, and has to run in one.
    package let needsCleanShell: Bool
    /// What people were shown when they agreed to this call: the server holds it to that, as late as it can.
    package let evidence: Evidence?
    /// What this call demanded beyond the policy and was given: whoever demands holds the call to it once more.
    package let demand: ToolDemand?
    /// The question whose answer let this call run, where that was asked by an earlier one: the answer outlived it.
    package let approval: ApprovalID?
    package let reportProgress: @Sendable (String) -> Void

    package init(
        session: SessionID, conversation: ConversationID, channel: ChannelID, requester: PersonID, call: CallID,
        needsCleanShell: Bool = false, evidence: Evidence? = nil, demand: ToolDemand? = nil,
        approval: ApprovalID? = nil, reportProgress: @escaping @Sendable (String) -> Void = { _ in }
    ) {
        self.session = session
        self.conversation = conversation
        self.channel = channel
        self.requester = requester
        self.call = call
        self.needsCleanShell = needsCleanShell
        self.evidence = evidence
        self.demand = demand
        self.approval = approval
        self.reportProgress = reportProgress
    }
}

/// Something that offers tools: the workspace container, a built-in of the harness, a third party's MCP server.
/// `call` is reached through the gate only.
package protocol ToolServer: Sendable {
    var tools: [RegisteredTool] { get }
    /// Throws only for failures of the server itself; a tool's own failure is a result with `isError`.
    func call(_ name: String, arguments: JSONObject, context: ToolContext) async throws -> CallToolResult
    /// What a call would work on, as it is now; `nil` where it works on nothing that could change. `earlier`: what was
    /// shown; looks at the same places again. Throws where it cannot be told, and then nobody is asked.
    func evidence(for name: String, arguments: JSONObject, like earlier: Evidence?) async throws -> Evidence?
    /// What the call needs beyond the policy's word; `nil`: nothing. Asked before it is decided on, and again once people
    /// have answered. Throws where it cannot be told or the call cannot be right, and then it does not run: the error is
    /// for the agent. `context` has no evidence and no demand yet.
    func demand(for name: String, arguments: JSONObject, context: ToolContext) async throws -> ToolDemand?
}

extension ToolServer {
    package func evidence(
        for name: String, arguments: JSONObject, like earlier: Evidence?
    ) async throws -> Evidence? { nil }

    package func demand(
        for name: String, arguments: JSONObject, context: ToolContext
    ) async throws -> ToolDemand? { nil }
}
