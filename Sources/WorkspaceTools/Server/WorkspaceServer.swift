package import MCP

/// The tools of the workspace container as an MCP server. Each call has a thread of its own.
package struct WorkspaceServer: ToolProvider {
    private let offered: [any WorkspaceTool]
    private let tools: [String: any WorkspaceTool]

    package init(workspace: Workspace, environment: [String: String]) {
        let bash = BashTool(workspace: workspace, environment: environment)
        offered = [
            bash, ReadFileTool(workspace: workspace),
            WriteFileTool(workspace: workspace), EditFileTool(workspace: workspace), GlobTool(workspace: workspace),
            GrepTool(workspace: workspace),
        ]
        let hostOnly: [any WorkspaceTool] = [
            HostPutTool(workspace: workspace), HostGetTool(workspace: workspace), HostCheckTool(),
            HostEvidenceTool(workspace: workspace, bash: bash), HostRestoreTool(workspace: workspace),
        ]
        tools = Dictionary(uniqueKeysWithValues: (offered + hostOnly).map { ($0.tool.name, $0) })
    }

    /// The tools offered to agents, for a host that must know them before any container runs.
    package static func declarations(root: String) -> [Tool] {
        WorkspaceServer(workspace: Workspace(unopened: root), environment: [:]).offered.map(\.tool)
    }

    /// The harness's own (`host_…`) are not listed, so that passing this list on never offers them to an agent.
    package nonisolated(nonsending) func listTools(cursor: String?) async throws -> ToolPage {
        guard cursor == nil else { throw MCPError.invalidParams("there is one page of tools only") }
        return ToolPage(tools: offered.map(\.tool))
    }

    package nonisolated(nonsending) func callTool(
        _ name: String, arguments: JSONObject, context: RequestContext
    ) async throws -> CallToolResult {
        guard let tool = tools[name] else { throw MCPError.invalidParams("there is no tool \(name.prefix(128))") }
        let cancellation = CancelSignal()
        let run = ToolRun(cancellation: cancellation) { seconds, message in
            context.progress(seconds, message: message)
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isRunning = DescriptorThread.start {
                    continuation.resume(
                        returning: Self.result { () throws(ToolProblem) in try tool.run(arguments, run) })
                }
                if !isRunning {
                    let sentence =
                        "\(name) could not start: the container has no thread left. End background processes first."
                    continuation.resume(returning: .failure(sentence))
                }
            }
        } onCancel: {
            cancellation.fire()
        }
    }

    /// No tool's text is longer than this, whatever it was asked for: beginning, end, and how much is missing.
    private static let maximumText = 256 << 10

    private static func bounded(_ result: CallToolResult) -> CallToolResult {
        var result = result
        result.content = result.content.map { part in
            guard case .text(let text) = part, text.utf8.count > maximumText else { return part }
            var output = CappedOutput(head: maximumText * 3 / 4, tail: maximumText / 4)
            output.append(text.utf8)
            return .text(output.text.text)
        }
        return result
    }

    private static func result(_ body: () throws(ToolProblem) -> CallToolResult) -> CallToolResult {
        do throws(ToolProblem) {
            return bounded(try body())
        } catch {
            return .failure(error.description)
        }
    }
}
