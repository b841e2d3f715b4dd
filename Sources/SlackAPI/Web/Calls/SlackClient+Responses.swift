package import MCP
internal import NIOHTTP1

extension SlackClient {
    /// Answers a click or a command at the address that came with it: five times within half an hour. No token goes along. As
    /// with posts, it is not repeated where it may have been done.
    package func respond(to address: String, _ answer: JSONObject) async throws {
        let method = "response_url"
        guard let url = SlackURL(address), endpoint.takesResponses(url) else {
            throw SlackError(
                .permanent, "refused_address", method: method, "The address to answer at is not one of Slack's.")
        }
        let response: HTTPExchange.Answer
        do {
            response = try await exchange.send(
                HTTPExchange.Request(
                    url: url, headers: [("content-type", "application/json; charset=utf-8")],
                    body: answer.serialized(), mostBytes: 64 << 10), within: limits.answer)
        } catch {
            try Task.checkCancellation()
            throw Self.error(error, method, isRepeatable: false, at: url)
        }
        switch response.status {
        case 200: return
        case 404, 410:
            throw SlackError(
                .notThere, "expired_url", method: method, "The address to answer at was used up, or is too old.")
        case 429:
            throw SlackError(
                .transient, "ratelimited", method: method, "Slack asks for less of this.", retryAfter: .seconds(1))
        case 400..<500:
            throw SlackError(.permanent, "http_\(response.status)", method: method, "Slack does not take the answer.")
        default:
            throw SlackError(
                .unknownOutcome, "http_\(response.status)", method: method,
                "It was answered with status \(response.status).")
        }
    }
}
