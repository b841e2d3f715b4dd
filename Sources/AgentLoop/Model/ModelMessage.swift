package import MCP

/// One complete answer of the model.
package struct ModelMessage: Sendable {
    /// The content blocks as they go back to the model in the next call, verbatim: thinking with its signature included.
    package var content: [JSONObject]
    package var toolCalls: [ToolCall]
    package var stopReason: String

    package init(content: [JSONObject], toolCalls: [ToolCall] = [], stopReason: String) {
        self.content = content
        self.toolCalls = toolCalls
        self.stopReason = stopReason
    }

    /// All text the model wrote for people, blocks joined.
    package var text: String {
        content.filter { $0["type"]?.stringValue == "text" }.compactMap { $0["text"]?.stringValue }.joined()
    }
}

/// A tool call the model asks for, from a block that was closed.
package struct ToolCall: Sendable, Hashable {
    package let id: String
    package let name: String
    package let arguments: JSONObject
    /// Set where the arguments were not a JSON object: the call must not run.
    package let problem: String?

    package init(id: String, name: String, arguments: JSONObject = JSONObject(), problem: String? = nil) {
        self.id = id
        self.name = name
        self.arguments = arguments
        self.problem = problem
    }
}
