import MCP
import Model
package import ToolServers

/// The tools of one session, by name. A value: what the agent was told and what the gate knows are the same.
package struct ToolRegistry: Sendable {
    struct Entry: Sendable {
        let tool: RegisteredTool
        let server: any ToolServer
        let schema: JSONSchemaValidator
    }

    private var entries: [String: Entry] = [:]
    /// In the order of their servers, for `tools/list`.
    package private(set) var tools: [RegisteredTool] = []

    /// Throws where two servers offer the same name (a call must never reach another tool than the one decided on), or
    /// a tool's schema cannot be checked.
    package init(servers: [any ToolServer]) throws(HarnessError) {
        for server in servers {
            for tool in server.tools { try add(tool, server) }
        }
    }

    subscript(name: String) -> Entry? { entries[name] }

    private mutating func add(_ tool: RegisteredTool, _ server: any ToolServer) throws(HarnessError) {
        let name = tool.tool.name
        guard Tool.isValid(name: name) else {
            throw HarnessError(
                .invalidTool,
                "The server \(tool.server) offers a tool with a name that is not allowed: \(name.prefix(60)).")
        }
        let schema: JSONSchemaValidator
        do {
            schema = try JSONSchemaValidator(schema: tool.tool.inputSchema)
        } catch {
            throw HarnessError(.invalidTool, "The schema of the tool \(name) of \(tool.server) is not usable: \(error)")
        }
        if let other = entries.updateValue(Entry(tool: tool, server: server, schema: schema), forKey: name) {
            throw HarnessError(
                .duplicateTool, "Two servers offer the tool \(name): \(other.tool.server) and \(tool.server).")
        }
        tools.append(tool)
    }
}
