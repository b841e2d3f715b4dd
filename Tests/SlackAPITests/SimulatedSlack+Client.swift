import Logging
import MCP
import SlackAPI
import TestSupport
import Testing

extension SimulatedSlack {
    static let logger = Logger(label: "slack") { _ in SwiftLogNoOpLogHandler() }

    /// With the bot's token, or the app's, or another text of a token's form.
    func client(
        app: String = "helper", token name: String = "bot_token", text: String? = nil,
        limits: SlackLimits = .quick, clock: SlackClock = .system, base: String? = nil
    ) async throws -> SlackClient {
        var secret = text ?? ""
        if text == nil { secret = try await self.app(app)[name]?.stringValue ?? "" }
        let token = try #require(SlackToken(secret), "no token's form: \(secret)")
        return try SlackClient(
            endpoint: try #require(SlackEndpoint(base ?? url + "/api/")), limits: limits, authority: authority,
            clock: clock, logger: Self.logger, token: { token })
    }

    func withClient<Result>(
        token: String = "bot_token", text: String? = nil, limits: SlackLimits = .quick,
        clock: SlackClock = .system, base: String? = nil, _ body: (SlackClient) async throws -> Result
    ) async throws -> Result {
        let client = try await client(token: token, text: text, limits: limits, clock: clock, base: base)
        let result: Swift.Result<Result, any Error>
        do { result = .success(try await body(client)) } catch { result = .failure(error) }
        await client.shutdown()
        return try result.get()
    }
}

extension SlackLimits {
    /// Short waits between tries.
    static var quick: SlackLimits {
        var limits = SlackLimits()
        limits.backoff = Backoff(first: .milliseconds(5), longest: .milliseconds(20))
        return limits
    }
}
