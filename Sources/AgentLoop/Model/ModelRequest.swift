package import MCP

/// The body of `POST /v1/messages`. The same conversation gives the same bytes, and a longer one begins with them:
/// the provider's prompt cache lives on that. What changes least stands first: the tools and the text that all sessions
/// have, then what is this session's own, then what was said.
package struct ModelRequest: Sendable, Hashable {
    package let body: JSONValue

    /// `messages` come with their own breakpoints (`ModelHistory.messages`); together with the one set here, three of
    /// the four that the API allows.
    ///
    /// The first `stableBytes` of `system` are the same in every session, and kept for `prefixLife`.
    package init(
        system: String, stableBytes: Int = 0, tools: [OfferedTool], messages: [JSONValue], maximumOutputTokens: Int,
        prefixLife: CacheLife = .minutes
    ) {
        var body = JSONObject()
        body["model"] = "bulkhead"  // the gateway routes; the name means nothing
        body["max_tokens"] = .int(Int64(maximumOutputTokens))
        body["stream"] = true
        // Tools come before the system text in the provider's order, so a breakpoint after the latter covers both.
        let hasSystem = !system.isEmpty
        if !tools.isEmpty {
            body["tools"] = .array(
                tools.enumerated().map { index, tool in
                    tool.json(kept: !hasSystem && index == tools.count - 1 ? prefixLife : nil)
                })
        }
        if hasSystem {
            let (stable, own) = Self.parts(of: system, stableBytes: stableBytes)
            let first: JSONValue = ["type": "text", "text": .string(stable), "cache_control": prefixLife.mark]
            body["system"] = .array(own.isEmpty ? [first] : [first, ["type": "text", "text": .string(own)]])
        }
        body["messages"] = .array(messages)
        self.body = .object(body)
    }

    /// All of it is taken for stable where it is not said how much is, or what is said would cut a character.
    private static func parts(of system: String, stableBytes: Int) -> (stable: String, own: String) {
        guard stableBytes > 0, stableBytes < system.utf8.count,
            let cut = system.utf8.index(system.startIndex, offsetBy: stableBytes).samePosition(in: system)
        else { return (system, "") }
        return (String(system[..<cut]), String(system[cut...]))
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

    fileprivate func json(kept life: CacheLife?) -> JSONValue {
        var object = JSONObject()
        object["name"] = .string(name)
        if !description.isEmpty { object["description"] = .string(description) }
        object["input_schema"] = schema
        if let life { object["cache_control"] = life.mark }
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
