package import MCP

/// The body of `POST /v1/messages`. The same conversation gives the same bytes, and a longer one begins with them:
/// the provider's prompt cache lives on that.
package struct ModelRequest: Sendable, Hashable {
    package let body: JSONValue

    /// `messages` come with their own breakpoints (`ModelHistory.messages`); together with the one set here, three of
    /// the four that the API allows.
    package init(system: String, tools: [OfferedTool], messages: [JSONValue], maximumOutputTokens: Int) {
        var body = JSONObject()
        body["model"] = "bulkhead"  // the gateway routes; the name means nothing
        body["max_tokens"] = .int(Int64(maximumOutputTokens))
        body["stream"] = true
        // Tools come before the system text in the provider's order, so a breakpoint after the latter covers both.
        let hasSystem = !system.isEmpty
        if !tools.isEmpty {
            body["tools"] = .array(
                tools.enumerated().map { index, tool in
                    tool.json(withBreakpoint: !hasSystem && index == tools.count - 1)
                })
        }
        if hasSystem {
            let block: JSONObject = [
                "type": "text", "text": .string(system), "cache_control": .object(["type": "ephemeral"]),
            ]
            body["system"] = .array([.object(block)])
        }
        body["messages"] = .array(messages)
        self.body = .object(body)
    }
}

/// A tool of the harness as the model is told about it.
package struct OfferedTool: Sendable, Hashable {
    package let name: String
    package let description: String
    package let schema: JSONValue

    package init(name: String, description: String, schema: JSONValue) {
        self.name = name
        self.description = description
        self.schema = schema
    }

    /// `nil` for the loop's own tools (`receive`, `reply`), and for a name that the Messages API would refuse: one such
    /// tool must not cost the conversation.
    package init?(_ tool: Tool) {
        guard tool.name != "receive", tool.name != "reply", (1...128).contains(tool.name.utf8.count),
            tool.name.utf8.allSatisfy(Self.isAllowed)
        else { return nil }
        self.init(name: tool.name, description: tool.description, schema: tool.inputSchema)
    }

    fileprivate func json(withBreakpoint: Bool) -> JSONValue {
        var object = JSONObject()
        object["name"] = .string(name)
        if !description.isEmpty { object["description"] = .string(description) }
        object["input_schema"] = schema
        if withBreakpoint { object["cache_control"] = .object(["type": "ephemeral"]) }
        return .object(object)
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
