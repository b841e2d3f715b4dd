internal import MCP

/// A request to the model door that asks for more than an answer.
struct ModelTrial: Sendable {
    /// Through which door, and under which grant.
    enum Standing: Sendable {
        case granted
        /// The session has no question open.
        case withoutTurn
        /// Another session's door, beside one that may.
        case otherSession
        /// A door that belongs to nobody.
        case unassigned
    }

    var trial: DrillTrial
    var method = "POST"
    var target = "/v1/messages"
    var headers: [(String, String)] = []
    var body: String
    var standing = Standing.granted

    /// What passes: the neighbour of all of them.
    static let plain = body(#"{"role":"user","content":"hello"}"#)

    static func body(_ message: String = #"{"role":"user","content":"hello"}"#, more: String = "") -> String {
        #"{"model":"any","max_tokens":64,"messages":["# + message + "]" + (more.isEmpty ? "" : "," + more) + "}"
    }

    func bytes() -> [UInt8] {
        var lines = [
            "\(method) \(target) HTTP/1.1", "host: gateway", "content-type: application/json", "connection: close",
        ]
        lines += headers.map { "\($0.0): \($0.1)" }
        lines.append("content-length: \(body.utf8.count)")
        return Array((lines.joined(separator: "\r\n") + "\r\n\r\n" + body).utf8)
    }
}

enum ModelTrials {
    static let all: [ModelTrial] = tools + sources + state + protocols + standing

    private static func trial(_ name: String, _ title: String) -> DrillTrial {
        DrillTrial(.model, name, title, passesDoor: true)
    }

    private static func more(_ name: String, _ title: String, _ member: String) -> ModelTrial {
        ModelTrial(trial: trial(name, title), body: ModelTrial.body(more: member))
    }

    private static func content(_ name: String, _ title: String, _ block: String) -> ModelTrial {
        ModelTrial(trial: trial(name, title), body: ModelTrial.body(#"{"role":"user","content":["# + block + "]}"))
    }

    /// What the provider would run.
    private static let tools = [
        more(
            "web_search", "the provider's web search", #""tools":[{"type":"web_search_20250305","name":"web_search"}]"#),
        more("web_fetch", "the provider's web fetch", #""tools":[{"type":"web_fetch_20250910","name":"web_fetch"}]"#),
        more(
            "code_execution", "the provider's code execution",
            #""tools":[{"type":"code_execution_20250825","name":"code_execution"}]"#),
        more("unknown_tool", "a tool of a kind nobody knows", #""tools":[{"type":"reach_out_20990101","name":"x"}]"#),
        more(
            "mcp_servers", "a remote MCP server",
            #""mcp_servers":[{"type":"url","url":"https://drill.invalid/mcp","name":"x"}]"#),
        more(
            "mcp_toolset", "a remote MCP server as a tool",
            #""tools":[{"type":"mcp_toolset","name":"x","mcp_server_name":"x"}]"#),
        more(
            "tool_callers", "a tool called from the provider's container",
            #""tools":[{"name":"x","input_schema":{"type":"object"},"allowed_callers":["code_execution_20250825"]}]"#),
    ]

    /// What the provider would fetch.
    private static let sources = [
        content(
            "image_url", "an image by its URL",
            #"{"type":"image","source":{"type":"url","url":"https://drill.invalid/x"}}"#),
        content(
            "document_url", "a document by its URL",
            #"{"type":"document","source":{"type":"url","url":"https://drill.invalid/x"}}"#),
        content(
            "file_id", "a file kept at the provider",
            #"{"type":"document","source":{"type":"file","file_id":"file_x"}}"#),
        content(
            "container_upload", "an upload into the provider's container",
            #"{"type":"container_upload","file_id":"file_x"}"#),
        content(
            "search_tool_result", "a result of a tool the provider ran",
            #"{"type":"web_search_tool_result","tool_use_id":"x","content":[]}"#),
        content(
            "nested_url", "a URL in a tool's result",
            #"{"type":"tool_result","tool_use_id":"x","content":[{"type":"image","source":{"type":"url","url":"https://drill.invalid/x"}}]}"#
        ),
        content(
            "hidden_url", "a URL in a member nobody knows",
            #"{"type":"text","text":"x","attachment":{"url":"https://drill.invalid/x"}}"#),
        more(
            "system_url", "a URL in the system prompt",
            #""system":[{"type":"document","source":{"type":"url","url":"https://drill.invalid/x"}}]"#),
    ]

    /// What the provider would keep, or charge otherwise.
    private static let state = [
        more("container", "the provider's container", #""container":"container_x""#),
        more("context_management", "context managed at the provider", #""context_management":{"edits":[]}"#),
        more("previous_response", "an earlier response kept there", #""previous_response_id":"x""#),
        more("metadata", "identifying members beside the request", #""metadata":{"tenant":"x"}"#),
        more("service_tier", "another service tier", #""service_tier":"priority""#),
        more("skills", "the provider's skills", #""skill_id":"x""#),
        ModelTrial(
            trial: trial("beta", "a beta that is not listed"), headers: [("anthropic-beta", "files-api-2025-04-14")],
            body: ModelTrial.plain),
        more("beta_member", "betas within the request", #""betas":["files-api-2025-04-14"]"#),
        ModelTrial(
            trial: trial("version", "an unknown version of the API"), headers: [("anthropic-version", "2099-01-01")],
            body: ModelTrial.plain),
    ]

    /// What two readers would read differently, or is no call at all.
    private static let protocols = [
        more("duplicate_keys", "the same member twice", #""model":"other""#),
        ModelTrial(
            trial: trial("nested_duplicates", "the same member twice, further in"),
            body: ModelTrial.body(#"{"role":"user","content":"a","content":[{"type":"container_upload"}]}"#)),
        ModelTrial(trial: trial("trailing", "more after the request"), body: ModelTrial.plain + ModelTrial.plain),
        ModelTrial(
            trial: trial("query", "a query parameter"), target: "/v1/messages?beta=true&x=1", body: ModelTrial.plain),
        ModelTrial(trial: trial("files_api", "the provider's file store"), target: "/v1/files", body: ModelTrial.plain),
        ModelTrial(trial: trial("batches", "batches"), target: "/v1/messages/batches", body: ModelTrial.plain),
        ModelTrial(trial: trial("models", "the list of models"), method: "GET", target: "/v1/models", body: ""),
        ModelTrial(
            trial: trial("path_climb", "another path behind dots"), target: "/v1/messages/../files",
            body: ModelTrial.plain),
        ModelTrial(
            trial: trial("absolute_target", "another host's URL"), target: "http://drill.invalid/v1/messages",
            body: ModelTrial.plain),
        ModelTrial(
            trial: trial("compressed", "a compressed request"), headers: [("content-encoding", "gzip")],
            body: ModelTrial.plain),
    ]

    private static let standing = [
        ModelTrial(
            trial: trial("tokens", "a longer answer than a turn may have"),
            body: #"{"model":"any","max_tokens":100000,"messages":[{"role":"user","content":"hello"}]}"#),
        ModelTrial(
            trial: trial("without_turn", "a call while no question is open"), body: ModelTrial.plain,
            standing: .withoutTurn),
        ModelTrial(
            trial: trial("other_session", "another session's door, on this one's grant"), body: ModelTrial.plain,
            standing: .otherSession),
        ModelTrial(
            trial: trial("unassigned", "a door that belongs to no session"), body: ModelTrial.plain,
            standing: .unassigned),
    ]
}
