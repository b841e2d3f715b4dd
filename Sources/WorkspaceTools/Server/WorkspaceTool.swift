package import MCP

/// One tool of the workspace container.
package protocol WorkspaceTool: Sendable {
    var tool: Tool { get }
    /// Called on a thread of its own: it may block, but has to end soon after `call.cancellation` fires.
    func run(_ arguments: JSONObject, _ call: ToolRun) throws(ToolProblem) -> CallToolResult
}

/// The call a tool works on.
package struct ToolRun: Sendable {
    package let cancellation: CancelSignal
    package let progress: @Sendable (_ seconds: Double, _ message: String) -> Void

    package init(
        cancellation: CancelSignal,
        progress: @escaping @Sendable (_ seconds: Double, _ message: String) -> Void = { _, _ in }
    ) {
        self.cancellation = cancellation
        self.progress = progress
    }
}

/// A tool's input schema, written shortly.
enum Schema {
    static func object(_ properties: JSONObject, required: [String]) -> JSONValue {
        [
            "type": "object", "properties": .object(properties),
            "required": .array(required.map(JSONValue.string)), "additionalProperties": false,
        ]
    }

    static func string(_ description: String) -> JSONValue {
        ["type": "string", "description": .string(description)]
    }

    static func bool(_ description: String) -> JSONValue {
        ["type": "boolean", "description": .string(description)]
    }

    static func int(_ description: String, _ range: ClosedRange<Int>) -> JSONValue {
        [
            "type": "integer", "minimum": .int(Int64(range.lowerBound)), "maximum": .int(Int64(range.upperBound)),
            "description": .string(description),
        ]
    }

    static func choice(_ choices: [String], _ description: String) -> JSONValue {
        ["type": "string", "enum": .array(choices.map(JSONValue.string)), "description": .string(description)]
    }
}

/// Hints of the MCP tool annotations. The harness decides by its own list of effects, never by these.
enum Annotations {
    static let reads: JSONValue = ["readOnlyHint": true, "openWorldHint": false]
    static let writes: JSONValue = [
        "readOnlyHint": false, "destructiveHint": false, "idempotentHint": true, "openWorldHint": false,
    ]
    static let overwrites: JSONValue = [
        "readOnlyHint": false, "destructiveHint": true, "idempotentHint": true, "openWorldHint": false,
    ]
    static let runs: JSONValue = [
        "readOnlyHint": false, "destructiveHint": true, "idempotentHint": false, "openWorldHint": false,
    ]
}
