package import MCP
package import ToolServers

extension ConversationService {
    /// What every session's agent is offered: the inbox, which is no action and passes no gate, and the tools that do.
    package nonisolated var offered: (inbox: Tool, tools: [RegisteredTool]) {
        (SessionTools.receive, ConversationServer.declared + SandboxServer.declared + parts.servers.flatMap(\.tools))
    }
}
