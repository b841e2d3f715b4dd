internal import MCP

/// An error as a client of the Messages API sees it. `message` is a sentence people understand: the agent passes it on.
/// Shape and types: https://docs.claude.com/en/api/errors
struct APIError: Error, Sendable {
    enum Kind: String, Sendable {
        case invalidRequest = "invalid_request_error"
        case authentication = "authentication_error"
        case billing = "billing_error"
        case permission = "permission_error"
        case notFound = "not_found_error"
        case tooLarge = "request_too_large"
        case rateLimit = "rate_limit_error"
        case timeout = "timeout_error"
        case api = "api_error"
        case overloaded = "overloaded_error"
    }

    var status: Int
    /// Usually a `Kind`; a provider's own word where it has another.
    var type: String
    var message: String
    /// Seconds, for the `retry-after` header.
    var retryAfter: Int?
    /// `false` tells official clients not to ask again: the gateway has, or it is pointless.
    var shouldRetry: Bool?
    var providerRequestID: String?
    /// The same may succeed later, though it was repeated for nothing.
    var isTemporary = false
    /// So it is with every model that might have answered.
    var outage: ModelOutage?

    init(_ status: Int, _ kind: Kind, _ message: String, retryAfter: Int? = nil, shouldRetry: Bool? = nil) {
        self.init(status: status, type: kind.rawValue, message: message)
        self.retryAfter = retryAfter
        self.shouldRetry = shouldRetry
    }

    init(status: Int, type: String, message: String) {
        self.status = status
        self.type = type
        self.message = message
    }

    static func refused(_ message: String) -> APIError {
        APIError(400, .invalidRequest, message, shouldRetry: false)
    }

    var body: JSONValue {
        var error: JSONObject = ["type": .string("error")]
        error["error"] = .object(["type": .string(type), "message": .string(message)])
        if let providerRequestID { error["request_id"] = .string(providerRequestID) }
        return .object(error)
    }

    /// The same error inside a stream that has begun.
    var event: [UInt8] {
        Array("event: error\ndata: ".utf8) + body.serialized() + Array("\n\n".utf8)
    }

    var headers: [(String, String)] {
        var headers = [("content-type", "application/json")]
        if let retryAfter { headers.append(("retry-after", String(retryAfter))) }
        if let shouldRetry { headers.append(("x-should-retry", shouldRetry ? "true" : "false")) }
        if let providerRequestID { headers.append(("request-id", providerRequestID)) }
        return headers
    }
}
