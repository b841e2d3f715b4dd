internal import NIOHTTP1

/// What a method and path ask for. Nothing else exists here.
enum RequestTarget: Hashable, Sendable {
    case messages
    case countTokens
    /// Official clients probe it.
    case hello

    init(_ request: DoorRequest) throws(APIError) {
        let expected: HTTPMethod
        switch request.path {
        case "/v1/messages": (self, expected) = (.messages, .POST)
        case "/v1/messages/count_tokens": (self, expected) = (.countTokens, .POST)
        case "/api/hello": (self, expected) = (.hello, .HEAD)
        default:
            throw APIError(
                404, .notFound,
                "This gateway serves POST /v1/messages, POST /v1/messages/count_tokens and HEAD /api/hello; nothing else."
            )
        }
        guard request.method == expected || (self == .hello && request.method == .GET) else {
            throw APIError(
                405, .invalidRequest, "\(request.path) takes \(expected.rawValue), not \(request.method.rawValue).")
        }
        guard request.query == nil || request.query == "" || (request.query == "beta=true" && self != .hello) else {
            throw APIError.refused("The query may be empty or beta=true; other parameters are not passed on.")
        }
    }
}
