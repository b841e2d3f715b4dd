package import Logging
package import MCP

/// Answers what Slack sends by HTTP: nothing is read of a request before its signature is known to be Slack's, and nothing is
/// acknowledged before it is handled.
package final class EventDesk: Sendable {
    package typealias Handle = @Sendable (SlackEnvelope) async throws -> JSONValue?

    package struct Request: Sendable {
        package var body: [UInt8]
        /// By name in lower case; of a name that comes twice, none.
        package var headers: [String: String]

        package init(body: [UInt8], headers: [String: String]) {
            self.body = body
            self.headers = headers
        }
    }

    package struct Answer: Hashable, Sendable {
        package var status: Int
        package var contentType: String?
        package var body: [UInt8] = []
        /// Asks Slack not to send it again.
        package var isFinal = false

        static func plain(_ status: Int, _ text: String = "", isFinal: Bool = false) -> Answer {
            Answer(status: status, contentType: "text/plain; charset=utf-8", body: Array(text.utf8), isFinal: isFinal)
        }
    }

    private let secrets: @Sendable () throws -> [String]
    private let handle: Handle
    private let now: @Sendable () -> Int64
    private let started: Int64
    private let seen: SeenSignatures
    private let clock: SlackClock
    private let logger: Logger

    /// Slack waits three seconds; what takes longer is asked for again.
    static let patience: Duration = .milliseconds(2_700)

    /// `secrets` is asked at each request, so that another one counts at once. `now`: seconds since 1970.
    package init(
        secrets: @escaping @Sendable () throws -> [String], now: @escaping @Sendable () -> Int64,
        clock: SlackClock = .system, logger: Logger, handle: @escaping Handle
    ) {
        self.secrets = secrets
        self.handle = handle
        self.now = now
        self.clock = clock
        self.logger = logger
        started = now()
        seen = SeenSignatures()
    }

    package func answer(_ request: Request) async -> Answer {
        let signature: String
        do { signature = try checked(request) } catch {
            logger.warning("a request that is not Slack's", metadata: ["reason": "\(error)"])
            return .plain(401, "Not signed by Slack.")
        }
        guard seen.take(signature, now: now()) else {
            logger.warning("a signed request came twice, and is refused")
            return .plain(409, "This request was made before.", isFinal: true)
        }
        let read: EventRequest
        do {
            read = try EventRequest(
                body: request.body, contentType: request.headers["content-type"],
                retryNumber: request.headers["x-slack-retry-num"],
                retryReason: request.headers["x-slack-retry-reason"])
        } catch {
            logger.warning("a signed request is not understood", metadata: ["reason": "\(error)"])
            return .plain(400, "Not understood.", isFinal: true)
        }
        switch read {
        case .verification(let challenge): return .plain(200, challenge)
        case .certificateCheck: return .plain(200)
        case .envelope(let envelope):
            if let retry = envelope.retry {
                logger.info(
                    "slack sends an event again",
                    metadata: ["attempt": "\(retry.attempt)", "reason": .string(retry.reason)])
            }
            return await handled(envelope, signature)
        }
    }

    /// The signature, where it is Slack's and of this process's time: what was signed before is not known to be new here.
    private func checked(_ request: Request) throws -> String {
        guard let check = RequestSignature(secrets: try secrets()) else { throw RequestSignature.Refusal.wrong }
        let (time, signature) = (
            request.headers["x-slack-request-timestamp"], request.headers["x-slack-signature"]
        )
        try check.check(body: request.body, timestamp: time, signature: signature, now: now())
        guard let signature, let signed = time.flatMap({ Int64($0) }), signed >= started else {
            throw RequestSignature.Refusal.stale
        }
        return signature
    }

    private func handled(_ envelope: SlackEnvelope, _ signature: String) async -> Answer {
        do {
            guard let answer = try await within(Self.patience, { try await self.handle(envelope) }) else {
                seen.giveBack(signature)
                logger.warning("a request took too long, and is left for Slack to repeat")
                return .plain(503, "Try again.")
            }
            guard envelope.takesAnswer, let body = answer.body else { return .plain(200) }
            return Answer(
                status: 200, contentType: "application/json; charset=utf-8", body: Array(body.text.utf8))
        } catch {
            seen.giveBack(signature)
            logger.warning(
                "a request could not be taken, and is left for Slack to repeat",
                metadata: ["type": .string(envelope.kind.rawValue), "error": "\(error)"])
            return .plain(503, "Try again.")
        }
    }

    private struct Handled: Sendable {
        let body: JSONValue?
    }

    /// `nil` where it took longer; it is cancelled then.
    private func within(
        _ limit: Duration, _ body: @escaping @Sendable () async throws -> JSONValue?
    ) async throws -> Handled? {
        try await withThrowingTaskGroup(of: Handled?.self) { group in
            group.addTask { Handled(body: try await body()) }
            group.addTask { [clock] in
                try await clock.sleep(for: limit)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }
}
