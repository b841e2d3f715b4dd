import MCP
import Synchronization

/// `echo`, `count` (with progress), `wait` (until cancelled) and `change` (of the list of tools), on two pages.
final class EchoTools: ToolProvider {
    static let names = ["echo", "count", "wait", "change"]

    let waitStarted = Signal()
    let waitCancelled = Signal()
    /// The ids of the requests that called `wait`.
    let waits = Recorder<String>()
    private let change = Mutex<(@Sendable () async -> Void)?>(nil)

    func onChange(_ handler: @escaping @Sendable () async -> Void) {
        change.withLock { $0 = handler }
    }

    /// The second page's cursor is the empty string, which is one like any other.
    func listTools(cursor: String?) async throws -> ToolPage {
        let tools = Self.names.map { Tool(name: $0, description: "for tests") }
        switch cursor {
        case nil: return ToolPage(tools: Array(tools[..<2]), nextCursor: "")
        case "": return ToolPage(tools: Array(tools[2...]))
        default: throw MCPError.invalidParams("no such cursor")
        }
    }

    func callTool(_ name: String, arguments: JSONObject, context: RequestContext) async throws -> CallToolResult {
        switch name {
        case "echo":
            guard let text = arguments["text"]?.stringValue else { return .failure("echo needs a text") }
            return .text(text)
        case "count":
            let end = arguments["to"]?.intValue ?? 0
            for value in 0..<max(0, end) { context.progress(Double(value + 1), total: Double(end)) }
            // Neither may reach the client: the first does not grow, the second comes after the response.
            context.progress(0)
            return .text("counted")
        case "wait":
            waits.record(context.requestID)
            waitStarted.fire()
            context.progress(1)
            await Signal().wait()
            waitCancelled.fire()
            return .text("cancelled")
        case "change":
            await change.withLock { $0 }?()
            return .text("changed")
        default: throw MCPError.invalidParams("unknown tool \(name)")
        }
    }
}
