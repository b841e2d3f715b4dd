internal import MCP

/// Tools the client runs itself pass; tools the provider would run do not.
enum ToolPolicy {
    /// Families of tools that Anthropic defines and the client runs, each with a date behind it.
    private static let clientSide = ["bash_", "text_editor_", "computer_", "memory_"]

    static func check(_ value: JSONValue) throws(APIError) {
        if value.isNull { return }
        guard let tools = value.arrayValue else { throw APIError.refused("tools: must be a list.") }
        for (index, tool) in tools.enumerated() {
            let path = "tools[\(index)]"
            guard let tool = tool.objectValue else { throw APIError.refused("\(path): must be an object.") }
            guard let name = tool["name"]?.stringValue, !name.isEmpty else {
                throw APIError.refused("\(path).name: must be a text.")
            }
            let type = tool["type"] ?? .null
            guard type.isNull || type.stringValue.map(runsAtClient) == true else {
                throw APIError.refused(
                    "\(path).type: \(type.text.prefix(80)) is a tool the model's provider would run itself; not allowed here."
                )
            }
            try checkCallers(tool["allowed_callers"], at: path)
            for (name, value) in tool where !["input_schema", "input_examples", "allowed_callers"].contains(name) {
                try RequestPolicy.checkUnknown(name, value, in: path)
            }
        }
    }

    private static func runsAtClient(_ type: String) -> Bool {
        type == "custom"
            || clientSide.contains { family in
                guard type.hasPrefix(family) else { return false }
                let date = type.utf8.dropFirst(family.utf8.count)
                return date.count == 8 && date.allSatisfy { (0x30...0x39).contains($0) }
            }
    }

    /// Anything but `direct` lets code in a container of the provider call the tool.
    private static func checkCallers(_ value: JSONValue?, at path: String) throws(APIError) {
        guard let value, !value.isNull else { return }
        guard let callers = value.arrayValue, callers.allSatisfy({ $0.stringValue == "direct" }) else {
            throw APIError.refused("\(path).allowed_callers: only direct is allowed here.")
        }
    }
}
