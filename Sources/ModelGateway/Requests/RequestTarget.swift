internal import NIOHTTP1

/// What a method and path ask for. Nothing else exists here.
enum RequestTarget: String, CaseIterable, Sendable {
    case messages = "/v1/messages"
    case countTokens = "/v1/messages/count_tokens"
    /// Official clients probe it.
    case hello = "/api/hello"

    var method: HTTPMethod { self == .hello ? .HEAD : .POST }

    init(_ request: DoorRequest) throws(APIError) {
        guard let target = Self(rawValue: request.path) else {
            throw APIError(
                404, .notFound,
                "This gateway serves POST /v1/messages, POST /v1/messages/count_tokens and HEAD /api/hello; nothing else."
            )
        }
        self = target
        let expected = target.method
        guard request.method == expected || (self == .hello && request.method == .GET) else {
            throw APIError(
                405, .invalidRequest, "\(request.path) takes \(expected.rawValue), not \(request.method.rawValue).")
        }
        guard request.query == nil || request.query == "" || (request.query == "beta=true" && self != .hello) else {
            throw APIError.refused("The query may be empty or beta=true; other parameters are not passed on.")
        }
    }
}
