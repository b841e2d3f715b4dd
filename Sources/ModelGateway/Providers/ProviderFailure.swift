internal import MCP

/// Providers' errors, in words for the people who talk to the assistant.
enum ProviderFailure {
    /// From an error body or event in the API's shape; `nil` where it is in another. Without a `status` it is taken from
    /// the error's type.
    static func error(in body: JSONValue, status: Int?) -> APIError? {
        guard let error = body["error"]?.objectValue, let type = error["type"]?.stringValue else { return nil }
        let status = status ?? Self.status(of: type)
        let detail = String((error["message"]?.stringValue ?? "").prefix(1000))
        var result = APIError(status: status, type: type, message: explain(status: status, type: type, detail: detail))
        result.providerRequestID = body["request_id"]?.stringValue
        return result
    }

    /// From anything else a server may send in place of an answer.
    static func unreadable(status: Int) -> APIError {
        switch status {
        case 429:
            APIError(429, .rateLimit, explain(status: 429, type: "", detail: ""))
        case 529:
            APIError(529, .overloaded, explain(status: 529, type: "", detail: ""))
        case 200..<300:
            APIError(
                502, .api,
                "The model's endpoint answered with something that is not an answer of its API. "
                    + "An administrator should check the model's address in the configuration.", shouldRetry: false)
        case 401, 403:
            APIError(
                status, status == 401 ? .authentication : .permission, explain(status: status, type: "", detail: ""))
        default:
            APIError(
                status >= 400 && status < 600 ? status : 502, .api,
                "The model's endpoint answered with HTTP \(status) and no explanation that can be read. "
                    + "If this goes on, an administrator should check the model's address in the configuration.")
        }
    }

    static let brokenStream = APIError(
        502, .api, "The model's answer broke off half-way; nothing of the unfinished part was acted on.",
        shouldRetry: false)

    /// How an administrator sets the key of the provider `anthropic`.
    private static let anthropicKey = "`make key` (it is in the file that model.key_file names)"

    /// `key` is how an administrator sets one.
    static func explain(status: Int, type: String, detail: String, key: String = anthropicKey) -> String {
        let said = detail.isEmpty ? "" : " It said: \(detail)"
        return switch (status, type) {
        case (401, _):
            "The model's provider does not accept the company's key. An administrator has to set a valid one with "
                + "\(key)." + said
        case (402, _), (_, "billing_error"):
            "The company's account with the model's provider cannot pay for this. An administrator has to look at it."
                + said
        case (403, _): "The company's key may not use this model. An administrator has to look at it." + said
        case (429, _): "The model's provider lets the company make no more requests for now." + said
        case (529, _), (_, "overloaded_error"): "The model is overloaded. Please try again in a few minutes." + said
        case (500..., _): "The model's provider has a problem (HTTP \(status))." + said
        default: "The model's provider refused the request (HTTP \(status))." + said
        }
    }

    static func status(of type: String) -> Int {
        switch type {
        case "invalid_request_error": 400
        case "authentication_error": 401
        case "billing_error": 402
        case "permission_error": 403
        case "not_found_error": 404
        case "request_too_large": 413
        case "rate_limit_error": 429
        case "timeout_error": 504
        case "overloaded_error": 529
        default: 500
        }
    }
}
