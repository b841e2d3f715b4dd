import Logging
import MCP
import SlackAPI
import TestSupport
import Testing

extension SimulatedSlack {
    func token(_ kind: String = "bot_token") async throws -> SlackToken {
        let text = try await app()[kind]?.stringValue
        return try #require(SlackToken(text ?? ""))
    }

    func client(
        _ kind: String = "bot_token", answersWithin limit: Duration = .seconds(20), clock: SlackClock = .system
    ) async throws -> SlackClient {
        let token = try await token(kind)
        var limits = SlackLimits()
        limits.backoff = Backoff(first: .milliseconds(5), longest: .milliseconds(20))
        limits.answer = limit
        return try SlackClient(
            endpoint: try #require(SlackEndpoint(url + "/api/")), limits: limits, clock: clock,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, token: { token })
    }
}
