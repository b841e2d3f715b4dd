internal import MCP

/// Which requests go on to a provider. Everything that would make the provider reach out (tools it runs itself, remote
/// MCP servers, addresses and file ids it would fetch) or keep state (containers, threads, profiles) is refused. Where
/// such things can stand, what is known to be harmless is listed and all else refused; elsewhere unknown fields pass.
enum RequestPolicy {
    /// Checked structures of the Messages API: https://docs.claude.com/en/api/messages
    static func check(_ request: JSONObject, target: RequestTarget) throws(APIError) {
        guard let model = request["model"]?.stringValue, !model.isEmpty else {
            throw APIError.refused("model: must be a text (any: the gateway chooses the model).")
        }
        for (name, value) in request {
            switch CheckedField(rawValue: name) {
            case .model, .messages: continue
            case .system: try ContentPolicy.check(value, at: "system", in: .system)
            case .tools: try ToolPolicy.check(value)
            case .stream:
                guard value.boolValue != nil else { throw APIError.refused("stream: must be true or false.") }
            case .metadata: try checkMetadata(value)
            case .speed: try require(value, oneOf: ["standard"], at: name)
            case .serviceTier: try require(value, oneOf: ["standard_only", "auto"], at: name)
            case .mcpServers:
                guard value.isNull || value.arrayValue?.isEmpty == true else { throw reachesOut(name) }
            case nil where stateful.contains(name):
                guard value.isNull else { throw reachesOut(name) }
            case nil where ownFields.contains(name): continue
            case nil: try checkUnknown(name, value, in: nil)
            }
        }
        try checkMessages(request["messages"])
        if target == .messages { try checkMaximum(request["max_tokens"]) }
    }

    /// Known fields whose content is looked at.
    enum CheckedField: String, CaseIterable {
        case model, messages, system, tools, stream, metadata, speed
        case serviceTier = "service_tier"
        /// Empty, or absent.
        case mcpServers = "mcp_servers"
    }

    /// Known fields that would reach out, keep state, or move the bill.
    static let stateful: Set<String> = [
        "container", "thread", "compaction", "context_management", "diagnostics", "fallbacks", "fallback_credit_token",
        "billing_policy", "inference_geo", "user_profile_id", "workspace_id", "betas", "anthropic_beta",
        "anthropic_version", "conversation", "previous_response_id", "previous_message_id", "store", "background",
    ]

    /// Known fields that concern the answer alone: their content is the client's.
    static let ownFields: Set<String> = [
        "max_tokens", "stop_sequences", "temperature", "top_p", "top_k", "thinking", "tool_choice", "output_config",
        "output_format", "cache_control",
    ]

    private static func reachesOut(_ name: String) -> APIError {
        APIError.refused("\(name): not allowed here, because it makes the model's provider reach out or keep state.")
    }

    private static func require(_ value: JSONValue, oneOf allowed: [String], at path: String) throws(APIError) {
        if value.isNull { return }
        guard let text = value.stringValue, allowed.contains(text) else {
            throw APIError.refused("\(path): must be \(allowed.joined(separator: " or ")).")
        }
    }

    private static func checkMetadata(_ value: JSONValue) throws(APIError) {
        guard !value.isNull, let metadata = value.objectValue else {
            throw APIError.refused("metadata: must be an object.")
        }
        // Accepted because official clients send it, and then left out of what is sent on.
        for name in metadata.keys where name != "user_id" {
            throw APIError.refused("metadata.\(name.prefix(80)): not allowed here.")
        }
    }

    private static func checkMaximum(_ value: JSONValue?) throws(APIError) {
        guard let maximum = value?.intValue, maximum > 0 else {
            throw APIError.refused("max_tokens: must be a whole number above 0.")
        }
    }

    private static func checkMessages(_ value: JSONValue?) throws(APIError) {
        guard let messages = value?.arrayValue, !messages.isEmpty else {
            throw APIError.refused("messages: must be a list of at least one message.")
        }
        for (index, message) in messages.enumerated() {
            let path = "messages[\(index)]"
            guard let message = message.objectValue else { throw APIError.refused("\(path): must be an object.") }
            guard let role = message["role"]?.stringValue, ["user", "assistant", "system"].contains(role) else {
                throw APIError.refused("\(path).role: must be user, assistant or system.")
            }
            guard let content = message["content"], !content.isNull else {
                throw APIError.refused("\(path).content: is missing.")
            }
            try ContentPolicy.check(content, at: "\(path).content", in: .message)
            for (name, value) in message where name != "role" && name != "content" {
                try checkUnknown(name, value, in: path)
            }
        }
    }

    /// Fields nobody here knows pass, unless something in them has the name of a thing to fetch or to continue.
    static func checkUnknown(_ name: String, _ value: JSONValue, in parent: String?) throws(APIError) {
        let path = (parent.map { $0 + "." } ?? "") + name.prefix(80)
        guard !pointing.contains(name.lowercased()) else {
            throw APIError.refused("\(path): not allowed here, because it may make the model's provider reach out.")
        }
        try checkInside(value, at: path)
    }

    private static func checkInside(_ value: JSONValue, at path: String) throws(APIError) {
        switch value {
        case .object(let object):
            for (name, inner) in object { try checkUnknown(name, inner, in: path) }
        case .array(let list):
            for (index, inner) in list.enumerated() { try checkInside(inner, at: "\(path)[\(index)]") }
        default: break
        }
    }

    static let pointing: Set<String> = [
        "url", "uri", "urls", "server_url", "base_url", "endpoint", "webhook", "callback", "file_id", "file_ids",
        "container", "container_id", "server_name", "mcp_server_name", "mcp_servers", "authorization_token",
        "previous_message_id", "previous_response_id", "skill_id", "store",
    ]
}
