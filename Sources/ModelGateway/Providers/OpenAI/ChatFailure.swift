internal import MCP

/// Errors of servers that speak the chat completions API, as the Messages API's: the kind by status, the words for people.
enum ChatFailure {
    /// From an error body or chunk; `nil` where nothing in it reads as one. A chunk has no status of its own.
    static func error(in body: JSONValue, status: Int?) -> APIError? {
        guard let error = told(in: body) else { return nil }
        let words = error.stringValue ?? error["message"]?.stringValue ?? error["message"]?.text ?? ""
        let code = error["code"]?.stringValue ?? error["type"]?.stringValue ?? ""
        var status = status ?? error["code"]?.intValue.map { Int(clamping: $0) } ?? 500
        if !(400..<600).contains(status) { status = 500 }
        var detail = String(words.prefix(1000))
        if code == "insufficient_quota" { status = 402 }
        if code == "context_length_exceeded" || tellsOfLength(words) {
            // The words by which agents know that they have to shorten the conversation.
            (status, detail) = (400, "prompt is too long: \(detail)")
        }
        // A field that cannot be understood.
        if status == 422 { status = 400 }
        let kind = kind(status)
        return APIError(
            status: status, type: kind.rawValue,
            message: ProviderFailure.explain(
                status: status, type: kind.rawValue, detail: detail,
                key: "the file that model.openai.key_file names"))
    }

    /// OpenAI and most; older vLLM; frameworks for servers.
    private static func told(in body: JSONValue) -> JSONValue? {
        if let error = body["error"], !error.isNull { return error }
        if body["object"]?.stringValue == "error" { return body }
        if let detail = body["detail"] { return ["message": detail] }
        return nil
    }

    static let badArguments = APIError(
        502, .api,
        "The model asked for a tool with arguments that are no JSON object, so the tool was not run. Please try again, or "
            + "ask an administrator for a model that is better with tools.", shouldRetry: false)

    static let unknownTool = APIError(
        502, .api, "The model asked for a tool without saying which, so nothing was run. Please try again.",
        shouldRetry: false)

    private static func tellsOfLength(_ text: String) -> Bool {
        let text = text.lowercased()
        return ["maximum context length", "context size", "exceeds the context", "context window"].contains {
            text.contains($0)
        }
    }

    private static func kind(_ status: Int) -> APIError.Kind {
        switch status {
        case 401: .authentication
        case 402: .billing
        case 403: .permission
        case 404: .notFound
        case 408, 504: .timeout
        case 413: .tooLarge
        case 429: .rateLimit
        case 503, 529: .overloaded
        case 500...: .api
        default: .invalidRequest
        }
    }
}
