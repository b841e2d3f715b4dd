internal import MCP

/// A request of the Messages API, which agents speak, as one of the chat completions API.
/// https://platform.openai.com/docs/api-reference/chat/create
///
/// What the other API has no word for is left out where the answer stays the same kind of answer (thinking, cache marks,
/// `top_k`), and refused where the model would answer something else than it was asked (a PDF, a tool that only
/// Anthropic's models know). Pure.
enum ChatRequest {
    static func body(of request: JSONObject, model: String, limitName: String = "max_tokens") throws(APIError)
        -> JSONObject
    {
        var body: JSONObject = ["model": .string(model)]
        body["messages"] = .array(try messages(of: request))
        if let tools = request["tools"]?.arrayValue, !tools.isEmpty {
            body["tools"] = .array(try self.tools(tools))
            // Without tools some servers refuse the choice.
            try choose(request["tool_choice"], &body)
        }
        body[limitName] = request["max_tokens"]
        for name in ["temperature", "top_p"] {
            if let value = request[name], !value.isNull { body[name] = value }
        }
        if let stops = request["stop_sequences"]?.arrayValue, !stops.isEmpty { body["stop"] = .array(stops) }
        body["response_format"] = format(request)
        if request["stream"]?.boolValue == true {
            body["stream"] = true
            // Else a streamed answer says nothing of what it took.
            body["stream_options"] = ["include_usage": true]
        }
        return body
    }

    /// OpenAI's own models know the limit by another name, which the servers that speak its API mostly do not.
    static func limitName(host: some StringProtocol) -> String {
        host == "api.openai.com" || host.hasSuffix(".openai.azure.com") ? "max_completion_tokens" : "max_tokens"
    }

    /// An answer that has to keep to a schema.
    private static func format(_ request: JSONObject) -> JSONValue? {
        let format = request["output_config"]?["format"] ?? request["output_format"]
        guard format?["type"]?.stringValue == "json_schema", let schema = format?["schema"] else { return nil }
        return ["type": "json_schema", "json_schema": ["name": "answer", "schema": schema, "strict": true]]
    }

    // MARK: Tools

    private static func tools(_ tools: [JSONValue]) throws(APIError) -> [JSONValue] {
        var functions: [JSONValue] = []
        for (index, tool) in tools.enumerated() {
            let type = tool["type"]?.stringValue ?? "custom"
            guard type == "custom" else {
                throw APIError.refused(
                    "tools[\(index)].type: \(type.prefix(80)) is a tool that only Anthropic's models know, and this model is "
                        + "another one.")
            }
            var function: JSONObject = ["name": tool["name"] ?? ""]
            if let text = tool["description"]?.stringValue { function["description"] = .string(text) }
            function["parameters"] = tool["input_schema"] ?? ["type": "object", "properties": [:]]
            if tool["strict"]?.boolValue == true { function["strict"] = true }
            functions.append(["type": "function", "function": .object(function)])
        }
        return functions
    }

    private static func choose(_ choice: JSONValue?, _ body: inout JSONObject) throws(APIError) {
        guard let choice, !choice.isNull else { return }
        switch choice["type"]?.stringValue {
        case "auto": body["tool_choice"] = "auto"
        case "any": body["tool_choice"] = "required"
        case "none": body["tool_choice"] = "none"
        case "tool":
            guard let name = choice["name"]?.stringValue else {
                throw APIError.refused("tool_choice.name: must be the name of a tool.")
            }
            body["tool_choice"] = ["type": "function", "function": ["name": .string(name)]]
        default: throw APIError.refused("tool_choice.type: must be auto, any, tool or none.")
        }
        if choice["disable_parallel_tool_use"]?.boolValue == true { body["parallel_tool_calls"] = false }
    }
}
