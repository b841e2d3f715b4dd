internal import Harness
internal import MCP
internal import Model
internal import Policy

/// A session that is live in this process: its agent, its compartment, the tools it may call.
struct LiveSession: Sendable {
    let agent: AgentSession
    let compartment: any SessionCompartment
    let transport: any MessageTransport
    let registry: ToolRegistry
    let workspace: SandboxServer
    /// True for a session whose agent is somebody's own MCP client: it is not ended for being idle.
    let isExternal: Bool
    /// The marks its agent knows around what comes from outside.
    let boundary: Boundary

    var description: SessionDescription { agent.description }
    var id: SessionID { agent.id }
}
