/// What a server session offers.
package protocol ToolProvider: Sendable {
    /// One page of tools. Cursors are this provider's own; `nil` asks for the first page. Throws
    /// `MCPError.invalidParams` for a cursor it never gave out.
    nonisolated(nonsending) func listTools(cursor: String?) async throws -> ToolPage

    /// Throws `MCPError.invalidParams` for a tool it does not have; everything else that goes wrong, bad arguments
    /// included, is a result with `isError`. When the caller loses interest the task is cancelled.
    nonisolated(nonsending) func callTool(
        _ name: String, arguments: JSONObject, context: RequestContext
    ) async throws -> CallToolResult
}

package struct ToolPage: Sendable {
    package var tools: [Tool]
    /// `nil` on the last page. The empty string is a cursor like any other.
    package var nextCursor: String?

    package init(tools: [Tool], nextCursor: String? = nil) {
        self.tools = tools
        self.nextCursor = nextCursor
    }
}

/// The request a tool call belongs to.
package struct RequestContext: Sendable {
    private let request: RequestID
    private let report: (@Sendable (Progress) -> Void)?

    init(request: RequestID, reporter: ProgressReporter?) {
        self.request = request
        if let reporter {
            report = { reporter.report($0) }
        } else {
            report = nil
        }
    }

    /// For callers of a provider other than a session.
    package init(requestID: String, report: @escaping @Sendable (Progress) -> Void = { _ in }) {
        request = .string(requestID)
        self.report = report
    }

    package var requestID: String { request.description }

    /// Reaches the client only if it asked for progress and `value` is greater than before; never blocks.
    package func progress(_ value: Double, total: Double? = nil, message: String? = nil) {
        report?(Progress(value: value, total: total, message: message))
    }
}
